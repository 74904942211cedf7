/** Signing out elsewhere: one sign-in session, or all but this one. */
import type Router from '@koa/router';
import { formatDistanceStrict } from 'date-fns/formatDistanceStrict';
import { endAllSessions, endListedSession, type ListedSession } from '../accounts/ownSessions.js';
import type { HttpState } from '../http/context.js';
import { ownForm, personOrSignIn, stayIn } from './browserSession.js';
import { deviceWords } from './deviceWords.js';
import type { Site } from './site.js';
import type { SessionRow } from './viewData.js';

export function sessionRoutes(site: Site, router: Router<HttpState>): void {
  const profile = `${site.config.basePath}/account`;

  router.post('/account/sessions/end', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    await endListedSession(site.stores, person.account.id, form.get('session') ?? '');
    ctx.status = 303;
    ctx.redirect(`${profile}?done=session`);
  });

  router.post('/account/sessions/end-others', async (ctx) => {
    await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const actor = { kind: 'account', accountId: person.account.id, ip: ctx.state.ip } as const;
    const account = await endAllSessions(site.stores, actor, person);
    if (account) await stayIn(site, ctx, person, account);
    ctx.status = 303;
    ctx.redirect(`${profile}?done=sessions`);
  });
}

/** A session as the page shows it. */
export function sessionRow({ keyHash, session, lastSeenAt, own }: ListedSession): SessionRow {
  const minutes = (Date.now() - lastSeenAt) / 60_000;
  return {
    id: keyHash,
    device: deviceWords(session.userAgent),
    ip: session.ip,
    startedAt: new Date(session.startedAt).toISOString(),
    lastSeen: minutes < 10 ? 'active now' : `active ${formatDistanceStrict(lastSeenAt, Date.now())} ago`,
    own,
  };
}
