/** An invitation, opened by its link: accepting it with an account or as a new person. */
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { acceptInvitation, joinWithNewAccount } from '../accounts/invitations/acceptInvitation.js';
import type { OpenInvitation } from '../accounts/invitations/openInvitation.js';
import type { SignedIn } from '../accounts/sessions.js';
import { auditRefusal } from '../audit.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { perAddress, shared, within } from '../http/limits.js';
import { seeOther } from '../http/seeOther.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { actorOf } from './actorOf.js';
import { ownForm, signedIn, signIn, signOut, signOutForm, stayIn } from './browserSession.js';
import { invitationOf, showInvitation, stepFor } from './invitationPage.js';
import { showJoined } from './joined.js';
import { chooseOrganization } from './menu.js';
import { attempted } from './problem.js';
import type { Site } from './site.js';

type Context = RouterContext<HttpState>;

/** Opened by whoever has the link; accepted by the person it is for alone. */
export function invitationRoutes(site: Site, router: Router<HttpState>): void {
  const { basePath } = site.config;

  router.get('/invitations/accepted', (ctx) => showJoined(site, ctx));

  router.get('/invitations/:token', async (ctx) => {
    const open = await invitationOf(site, ctx);
    const step = await stepFor(site, ctx, open);
    if (step === 'switch') ctx.status = 403;
    await showInvitation(site, ctx, open, step);
  });

  router.post('/invitations/:token/switch-account', async (ctx) => {
    await signOutForm(site, ctx);
    await signOut(site, ctx);
    seeOther(ctx, `${basePath}/invitations/${encodeURIComponent(ctx.params.token ?? '')}`);
  });

  router.post('/invitations/:token', async (ctx) => {
    const form = await ownForm(site, ctx);
    const open = await invitationOf(site, ctx);
    const step = await stepFor(site, ctx, open);
    const joins = (step === 'join' || step === 'either') && site.config.file.passwordSignIn;
    if (step === 'accept' || joins) await limited(site, ctx);
    const person = await signedIn(site, ctx);
    if (step === 'accept' && person) return accept(site, ctx, open, person);
    if (joins) return join(site, ctx, open, form);
    if (step === 'switch') await refuse(site, ctx, open);
    ctx.status = 403;
    await showInvitation(site, ctx, open, step);
  });
}

/** Joining is the one way to find out by trying which addresses have accounts, and it makes accounts. */
async function limited({ oauth: { limits } }: Site, ctx: Context): Promise<void> {
  const { joiningInAll, joiningPerAddress } = limits;
  await within([
    ...shared(joiningInAll, ctx.state.ip, '', joiningPerAddress.events),
    ...perAddress(joiningPerAddress, ctx.state.ip),
  ]);
}

async function accept(site: Site, ctx: Context, open: OpenInvitation, person: SignedIn): Promise<void> {
  const token = ctx.params.token ?? '';
  const accepted = await attempted(acceptInvitation(site.stores, actorOf(ctx, person), person, token), [
    'not-found',
    'conflict',
  ]);
  if ('problem' in accepted)
    throw new HttpError(accepted.code === 'conflict' ? 409 : 404, 'not_found', accepted.problem, {
      whatToDo: 'Open MCP Connections to see the organizations that you belong to.',
    });
  // The session was ended meanwhile: the invitation's page asks for a sign-in.
  if (!accepted.result) return seeOther(ctx, `${site.config.basePath}/invitations/${encodeURIComponent(token)}`);
  const { account, handedOver } = accepted.result;
  // This browser has the mailed link, so it stays; every other one may be a former holder's.
  if (handedOver) await stayIn(site, ctx, person, account);
  welcome(site, ctx, open);
}

async function join(site: Site, ctx: Context, open: OpenInvitation, form: URLSearchParams): Promise<void> {
  const [name, password] = [form.get('name') ?? '', form.get('password') ?? ''];
  try {
    const { account } = await joinWithNewAccount(site.stores, { ip: ctx.state.ip }, ctx.params.token ?? '', {
      name,
      password,
    });
    await signIn(site, ctx, account);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    if (error.code !== 'invalid') {
      // The address has an account, or the invitation was used meanwhile: only the latter is said.
      const now = await invitationOf(site, ctx);
      ctx.status = error.code === 'forbidden' ? 403 : 409;
      const message = 'This did not work. If you have an account with this address, sign in with it to accept.';
      return showInvitation(site, ctx, now, await stepFor(site, ctx, now), { error: { field: 'all', message } });
    }
    ctx.status = 400;
    const field = error.message.includes('password') ? 'password' : 'name';
    return showInvitation(site, ctx, open, 'join', {
      name: name.slice(0, 300),
      error: { field, message: error.message },
    });
  }
  welcome(site, ctx, open);
}

function welcome(site: Site, ctx: Context, { organization: { id } }: OpenInvitation): void {
  chooseOrganization(site, ctx, id);
  seeOther(ctx, `${site.config.basePath}/invitations/accepted?organization=${encodeURIComponent(id)}`);
}

async function refuse(site: Site, ctx: Context, { invitation, organization }: OpenInvitation): Promise<void> {
  const person = await signedIn(site, ctx);
  if (!person) return;
  const actor = actorOf(ctx, person);
  const details = { email: invitation.email };
  await auditRefusal(site.stores, actor, { action: 'invitation.refused', organizationId: organization.id, details });
}
