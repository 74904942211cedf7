/** Profile settings: name, password, and where one is signed in. */
import type Router from '@koa/router';
import { sessionsOf } from '../accounts/ownSessions.js';
import { renameAccount } from '../accounts/renameAccount.js';
import type { SignedIn } from '../accounts/sessions.js';
import { setPassword } from '../accounts/setPassword.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { actorOf } from './actorOf.js';
import { ownForm, pageFor, personOrSignIn, stayIn } from './browserSession.js';
import { attempted } from './problem.js';
import { sessionRow } from './sessions.js';
import { accountWithPassword } from './signInAttempt.js';
import { forgottenPassword } from './signInPage.js';
import type { Site } from './site.js';
import type { ProfileData } from './viewData.js';

const NOTICES: Readonly<Record<string, string>> = {
  name: 'Your name was changed.',
  password: 'Your password was changed. You are signed out everywhere else.',
  session: 'That session was signed out.',
  sessions: 'You are signed out everywhere else.',
};
const WRONG = 'This is not your current password.';

/** The account's own page, and the forms for name and password; no password form with `passwordSignIn: false`. */
export function profileRoutes(site: Site, router: Router<HttpState>): void {
  const profile = `${site.config.basePath}/account`;
  const done = (ctx: HttpContext, what: string): void => seeOther(ctx, `${profile}?done=${what}`);

  router.get('/account', async (ctx) => {
    const person = await personOrSignIn(site, ctx);
    if (person) await show(site, ctx, person);
  });

  router.post('/account/name', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const name = form.get('name') ?? '';
    const renamed = await attempted(renameAccount(site.stores, actorOf(ctx, person), person.account.id, name));
    if ('problem' in renamed) return refuse(site, ctx, person, { typedName: name, errors: { name: renamed.problem } });
    done(ctx, 'name');
  });

  if (!site.config.file.passwordSignIn) return;
  router.post('/account/password', async (ctx) => {
    const form = await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const { id, email, passwordHash } = person.account;
    // Whoever got hold of a session must not guess the password here instead of at the sign-in page.
    const own = async () => person.account;
    if (!(await accountWithPassword(site, ctx, email, own, form.get('current_password') ?? '')))
      return refuse(site, ctx, person, { errors: { currentPassword: WRONG } });
    const changed = await attempted(
      setPassword(site.stores, actorOf(ctx, person), id, form.get('new_password') ?? '', passwordHash),
    );
    if ('problem' in changed) return refuse(site, ctx, person, { errors: { newPassword: changed.problem } });
    await stayIn(site, ctx, person, changed.result, Date.now());
    done(ctx, 'password');
  });
}

type Problems = Pick<ProfileData, 'errors' | 'typedName'>;

async function refuse(site: Site, ctx: HttpContext, person: SignedIn, problems: Problems): Promise<void> {
  ctx.status = 400;
  await show(site, ctx, person, problems);
}

async function show(site: Site, ctx: HttpContext, person: SignedIn, problems: Problems = {}): Promise<void> {
  const [page, sessions] = await Promise.all([pageFor(site, ctx, 'Profile settings'), sessionsOf(site.stores, person)]);
  const { done } = ctx.query;
  ctx.body = site.render('profile', {
    page,
    name: person.account.name,
    email: person.account.email,
    hasPassword: person.account.passwordHash !== undefined,
    passwords: site.config.file.passwordSignIn,
    linkedTo: person.account.upstreamIssuer === undefined ? undefined : site.upstream?.settings.name,
    forgotten: forgottenPassword(site),
    sessions: sessions.map(sessionRow),
    notice: typeof done === 'string' ? NOTICES[done] : undefined,
    ...problems,
  });
}
