/** A forgotten password: asking for a link by mail, and setting a new password with it. Only where mail can be sent. */
import type Router from '@koa/router';
import { accountToReset, newPasswordReset, resetPassword } from '../accounts/passwordReset.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { isWithin, perAddress, shared, within } from '../http/limits.js';
import { seeOther } from '../http/seeOther.js';
import type { Mailer } from '../mail.js';
import { cardFor, ownForm } from './browserSession.js';
import { attempted } from './problem.js';
import type { Site } from './site.js';

/** No routes without a mail server, or where nobody signs in with a password. */
export function forgottenPasswordRoutes(site: Site, router: Router<HttpState>): void {
  const { mailer } = site;
  if (!mailer || !site.config.file.passwordSignIn) return;
  const { basePath } = site.config;

  router.get('/password/forgotten', async (ctx) => {
    const page = await cardFor(site, ctx, 'Forgotten password');
    ctx.body = site.render('forgottenPassword', { page, sent: 'sent' in ctx.query });
  });

  router.post('/password/forgotten', async (ctx) => {
    const form = await ownForm(site, ctx);
    await within(perAddress(site.oauth.limits.passwordResetPerAddress, ctx.state.ip));
    // Nobody waits for it: the answer must take as long for an address that has no account.
    mailLink(site, mailer, form.get('email') ?? '', ctx.state.ip).catch((err) =>
      site.oauth.log.error({ err }, 'mail failed'),
    );
    seeOther(ctx, `${basePath}/password/forgotten?sent`);
  });

  router.get('/password/reset/:token', async (ctx) => {
    const account = await accountToReset(site.stores, ctx.params.token ?? '');
    if (!account) throw linkIsOver();
    await showReset(site, ctx, account.email);
  });

  router.post('/password/reset/:token', async (ctx) => {
    const form = await ownForm(site, ctx);
    const token = ctx.params.token ?? '';
    const reset = await attempted(resetPassword(site.stores, token, form.get('new_password') ?? '', ctx.state.ip));
    if ('problem' in reset) {
      ctx.status = 400;
      return showReset(site, ctx, (await accountToReset(site.stores, token))?.email ?? '', reset.problem);
    }
    if (!reset.result) throw linkIsOver();
    seeOther(ctx, `${basePath}/login?password=changed`);
  });
}

const linkIsOver = () =>
  new HttpError(404, 'not_found', 'This link was used already, is older than an hour, or is not complete.', {
    whatToDo: 'Open the sign-in page, choose "Forgotten your password?" and follow the newest link that you get.',
  });

async function showReset(site: Site, ctx: HttpContext, email: string, error?: string): Promise<void> {
  const { title, csrfToken } = await cardFor(site, ctx, 'New password');
  ctx.body = site.render('resetPassword', { page: { title, csrfToken }, action: ctx.path, email, error });
}

async function mailLink({ stores, config, oauth }: Site, mailer: Mailer, email: string, ip: string): Promise<void> {
  // Without a word: who has an account must not be told by who is refused, nor anybody be mailed all day.
  const account = email.trim().toLowerCase();
  if (!(await isWithin(shared(oauth.limits.passwordResetPerAccount, ip, account, 1)))) return;
  const reset = await newPasswordReset(stores, email);
  if (!reset) return;
  await mailer.send({
    to: reset.account.email,
    subject: 'Set a new password',
    text: [
      'Somebody, probably you, asked for a new password for this email address.',
      `Set it here within one hour; the link works once:\n\n${config.baseUrl}/password/reset/${reset.token}`,
      'If it was not you, ignore this message: your password stays as it is.',
    ].join('\n\n'),
  });
}
