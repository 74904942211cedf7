/** Signing out elsewhere: one sign-in session, or all but this one. */
import type Router from '@koa/router';
import { formatDistanceStrict } from 'date-fns/formatDistanceStrict';
import { endAllSessions, endListedSession, type ListedSession } from '../accounts/ownSessions.js';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { actorOf } from './actorOf.js';
import { ownForm, personOrSignIn, stayIn } from './browserSession.js';
import { deviceWords } from './deviceWords.js';
import type { Site } from './site.js';
import type { SessionRow } from './viewData.js';

/** The two forms of the profile page that end sign-in sessions of the account. */
export function sessionRoutes(site: Site, router: Router<HttpState>): void {
  const profile = `${site.config.basePath}/account`;

  router.post('/account/sessions/end', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const { signInSession } = site.config.file.limits;
    await endListedSession(site.stores, person.account.id, form.get('session') ?? '', signInSession);
    seeOther(ctx, `${profile}?done=session`);
  });

  router.post('/account/sessions/end-others', async (ctx) => {
    await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const actor = actorOf(ctx, person);
    const account = await endAllSessions(site.stores, actor, person);
    if (account) await stayIn(site, ctx, person, account);
    seeOther(ctx, `${profile}?done=sessions`);
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
