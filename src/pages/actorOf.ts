/** Who does what a page's form asks for, as the audit log names them. */
import type { SignedIn } from '../accounts/sessions.js';
import type { HttpContext } from '../http/context.js';
import type { Actor } from '../stores/records/auditEvent.js';

/** The signed-in person, at the address that the request came from. */
export const actorOf = (ctx: HttpContext, { account }: SignedIn): Extract<Actor, { kind: 'account' }> => ({
  kind: 'account',
  accountId: account.id,
  ip: ctx.state.ip,
});
