/** Signing in with email and password, and signing out. */
import type Router from '@koa/router';
import { accountByEmail } from '../accounts/findAccount.js';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { cardFor, ownForm, signedIn, signIn, signOut, signOutForm } from './browserSession.js';
import { localPath } from './localPath.js';
import { accountWithPassword, demandPlaceForAttempt } from './signInAttempt.js';
import { showSignIn } from './signInPage.js';
import { signInQuery } from './signInQuery.js';
import type { Site } from './site.js';

/** One sentence for every cause, so that it tells nobody which accounts exist. */
const REFUSED = 'Email or password is not right. Check both and try again.';
const NO_PASSWORDS = 'Nobody signs in with a password here. Use the button below.';
const PASSWORD_CHANGED = 'Your password was changed. Sign in with the new one.';

/** With `passwordSignIn: false` the sign-in page has the upstream's button alone, and its form answers 403. */
export function loginRoutes(site: Site, router: Router<HttpState>): void {
  const home = `${site.config.basePath}/account/connections`;

  router.get('/login', async (ctx) => {
    const query = signInQuery(site.config, ctx);
    // A flow that wants the password again says so; everybody else who is signed in has nothing to do here.
    const person = await signedIn(site, ctx);
    if (person && !query.again && person.authenticatedAt >= query.since) return ctx.redirect(query.returnTo ?? home);
    await showSignIn(site, ctx, { ...query, notice: ctx.query.password === 'changed' ? PASSWORD_CHANGED : undefined });
  });

  router.post('/login', async (ctx) => {
    demandPlaceForAttempt();
    const form = await ownForm(site, ctx);
    const email = form.get('email') ?? '';
    const returnTo = localPath(site.config, form.get('return_to'));
    if (!site.config.file.passwordSignIn) {
      ctx.status = 403;
      ctx.state.refusal = 'forbidden';
      return showSignIn(site, ctx, { returnTo, error: NO_PASSWORDS });
    }
    const find = () => accountByEmail(site.stores.durable, email);
    const account = await accountWithPassword(site, ctx, email, find, form.get('password') ?? '');
    if (!account) {
      ctx.status = 401;
      ctx.state.refusal = 'wrong-password';
      return showSignIn(site, ctx, { returnTo, email: email.slice(0, 254), error: REFUSED });
    }
    await signIn(site, ctx, account);
    seeOther(ctx, returnTo ?? home);
  });

  router.post('/logout', async (ctx) => {
    await signOutForm(site, ctx);
    await signOut(site, ctx);
    seeOther(ctx, `${site.config.basePath}/logout`);
  });

  router.get('/logout', async (ctx) => {
    // Whoever types the address is not signed out by it, and must not read that they are.
    if (await signedIn(site, ctx)) return ctx.redirect(home);
    const upstream = site.upstream?.settings.name;
    ctx.body = site.render('signedOut', { page: await cardFor(site, ctx, 'Signed out'), upstream });
  });
}
