/** The page of an invitation: what it is for, and what the person who opened it does next. */
import type { RouterContext } from '@koa/router';
import { type OpenInvitation, openInvitation } from '../accounts/invitations/openInvitation.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { describeRole, roleOf } from '../organizations/roles.js';
import { cardFor, signedIn } from './browserSession.js';
import type { InvitationData } from './organizationViews.js';
import { attempted } from './problem.js';
import { upstreamButton } from './signInPage.js';
import { signInAddress } from './signInQuery.js';
import type { Site } from './site.js';

type Context = RouterContext<HttpState>;

/**
 * The invitation that a link opens.
 * @throws HttpError 404 when it opens none
 */
export async function invitationOf(site: Site, ctx: Context): Promise<OpenInvitation> {
  const open = await attempted(openInvitation(site.stores.durable, ctx.params.token ?? ''), ['not-found']);
  if ('result' in open) return open.result;
  throw new HttpError(404, 'not_found', open.problem, {
    whatToDo: 'If you have accepted it already, just sign in. Otherwise ask whoever invited you for a new link.',
  });
}

/**
 * What comes next. An invitation is for one address: a person who is signed in with another one signs in again. Whether the
 * address has an account, only a mailed link says: who holds another one need not be its person.
 */
export async function stepFor(
  site: Site,
  ctx: Context,
  { invitation, account, makesAccount }: OpenInvitation,
): Promise<InvitationData['step']> {
  const person = await signedIn(site, ctx);
  if (person) return person.account.id === account?.id ? 'accept' : 'switch';
  if (!invitation.mailed) return makesAccount ? 'either' : 'account-needed';
  return account ? 'sign-in' : 'join';
}

/** Shows the page, again with what was wrong with a new person's form. */
export async function showInvitation(
  site: Site,
  ctx: Context,
  { invitation, organization, authority: { inviter } }: OpenInvitation,
  step: InvitationData['step'],
  again: Pick<InvitationData, 'name' | 'error'> = {},
): Promise<void> {
  const { basePath } = site.config;
  const action = `${basePath}/invitations/${encodeURIComponent(ctx.params.token ?? '')}`;
  ctx.body = site.render('invitation', {
    page: await cardFor(site, ctx, `Invitation to ${organization.name}`),
    organization: organization.name,
    roles: invitation.roles.map((role) => ({ label: describeRole(role), gives: roleOf(role.role).gives })),
    inviter: inviter && { name: inviter.name, email: inviter.email },
    email: invitation.email,
    expiresAt: new Date(invitation.keptUntil).toISOString(),
    step,
    action,
    signIn: signInAddress(site.config, { returnTo: action }),
    passwords: site.config.file.passwordSignIn,
    upstream: upstreamButton(site, { returnTo: action }),
    ...again,
  });
}
