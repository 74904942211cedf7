/** Signing in with email and password, and signing out. */
import type Router from '@koa/router';
import { accountByEmail } from '../accounts/findAccount.js';
import { verifyPassword } from '../accounts/passwords.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { waitingClientName } from '../oauth/consent.js';
import { cardFor, ownForm, signedIn, signIn, signOut } from './browserSession.js';
import { localPath } from './localPath.js';
import { countSignInAttempt } from './signInAttempt.js';
import type { Site } from './site.js';

/** One sentence for every cause, so that it tells nobody which accounts exist. */
const REFUSED = 'Email or password is not right. Check both and try again.';
const PASSWORD_CHANGED = 'Your password was changed. Sign in with the new one.';

export function loginRoutes(site: Site, router: Router<HttpState>): void {
  const home = `${site.config.basePath}/account/connections`;

  router.get('/login', async (ctx) => {
    const returnTo = localPath(site.config, queryValue(ctx, 'return_to'));
    // A flow that wants the password again says so; everybody else who is signed in has nothing to do here.
    if ((await signedIn(site, ctx)) && queryValue(ctx, 'again') !== '1') return ctx.redirect(returnTo ?? home);
    const changed = queryValue(ctx, 'password') === 'changed';
    await show(site, ctx, { returnTo, ...(changed ? { notice: PASSWORD_CHANGED } : {}) });
  });

  router.post('/login', async (ctx) => {
    const form = await ownForm(site, ctx);
    const email = form.get('email') ?? '';
    const returnTo = localPath(site.config, form.get('return_to'));
    const wasRight = await countSignInAttempt(site, ctx, email);
    const account = await accountByEmail(site.stores.durable, email);
    const matches = await verifyPassword(account?.passwordHash, form.get('password') ?? '');
    if (!account || !matches) {
      ctx.status = 401;
      ctx.state.refusal = 'wrong-password';
      return show(site, ctx, { returnTo, email: email.slice(0, 254), error: REFUSED });
    }
    await signIn(site, ctx, account);
    await wasRight();
    ctx.status = 303;
    ctx.redirect(returnTo ?? home);
  });

  router.post('/logout', async (ctx) => {
    await ownForm(site, ctx);
    await signOut(site, ctx);
    ctx.status = 303;
    ctx.redirect(`${site.config.basePath}/logout`);
  });

  router.get('/logout', async (ctx) => {
    ctx.body = site.render('signedOut', { page: await cardFor(site, ctx, 'Signed out') });
  });
}

interface Shown {
  readonly returnTo: string | undefined;
  readonly email?: string;
  readonly error?: string;
  readonly notice?: string;
}

async function show(site: Site, ctx: HttpContext, shown: Shown): Promise<void> {
  const { title, csrfToken } = await cardFor(site, ctx, 'Sign in');
  const uid = /^\/interaction\/([\w-]+)$/.exec(shown.returnTo?.slice(site.config.basePath.length) ?? '')?.[1];
  const clientName = uid && (await waitingClientName(site.provider, uid));
  const forgotten = site.mailer && `${site.config.basePath}/password/forgotten`;
  const page = { title, csrfToken };
  ctx.body = site.render('login', { page, clientName, demo: site.demoAccounts, forgotten, ...shown });
}

function queryValue(ctx: HttpContext, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' ? value : undefined;
}
