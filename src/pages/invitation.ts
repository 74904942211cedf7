/** An invitation, opened by its link: what it is for, and accepting it with an account or as a new person. */
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { acceptInvitation, joinWithNewAccount } from '../accounts/invitations/acceptInvitation.js';
import { type OpenInvitation, openInvitation } from '../accounts/invitations/openInvitation.js';
import { auditRefusal } from '../audit.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { seeOther } from '../http/seeOther.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { memberOf } from '../organizations/findOrganization.js';
import { describeRole, mayAdminister, roleOf } from '../organizations/roles.js';
import { organizations } from '../stores/records/organization.js';
import { actorOf } from './actorOf.js';
import { cardFor, ownForm, personOrSignIn, signedIn, signIn, signOut } from './browserSession.js';
import { queryText } from './listPlace.js';
import { chooseOrganization } from './menu.js';
import type { InvitationData } from './organizationViews.js';
import { attempted } from './problem.js';
import { upstreamButton } from './signInPage.js';
import { signInAddress } from './signInQuery.js';
import type { Site } from './site.js';

type Context = RouterContext<HttpState>;

export function invitationRoutes(site: Site, router: Router<HttpState>): void {
  const { basePath } = site.config;

  router.get('/invitations/accepted', (ctx) => showJoined(site, ctx));

  router.get('/invitations/:token', async (ctx) => {
    const open = await found(site, ctx);
    const step = await stepFor(site, ctx, open);
    if (step === 'switch') ctx.status = 403;
    await show(site, ctx, open, step);
  });

  router.post('/invitations/:token/switch-account', async (ctx) => {
    await ownForm(site, ctx);
    await signOut(site, ctx);
    seeOther(ctx, `${basePath}/invitations/${encodeURIComponent(ctx.params.token ?? '')}`);
  });

  router.post('/invitations/:token', async (ctx) => {
    const form = await ownForm(site, ctx);
    const open = await found(site, ctx);
    const step = await stepFor(site, ctx, open);
    if (step === 'accept') return accept(site, ctx, open);
    if (step === 'join' && site.config.file.passwordSignIn) return join(site, ctx, open, form);
    if (step === 'switch') await refuse(site, ctx, open);
    ctx.status = 403;
    await show(site, ctx, open, step);
  });
}

async function found(site: Site, ctx: Context): Promise<OpenInvitation> {
  const open = await attempted(openInvitation(site.stores.durable, ctx.params.token ?? ''), ['not-found']);
  if ('result' in open) return open.result;
  throw new HttpError(404, 'not_found', open.problem, {
    whatToDo: 'If you have accepted it already, just sign in. Otherwise ask whoever invited you for a new link.',
  });
}

/** An invitation is for one address: a person who is signed in with another one has to sign in anew. */
async function stepFor(site: Site, ctx: Context, { account }: OpenInvitation): Promise<InvitationData['step']> {
  const person = await signedIn(site, ctx);
  if (person) return person.account.id === account?.id ? 'accept' : 'switch';
  return account ? 'sign-in' : 'join';
}

async function show(
  site: Site,
  ctx: Context,
  { invitation, organization, inviter }: OpenInvitation,
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

async function accept(site: Site, ctx: Context, open: OpenInvitation): Promise<void> {
  const actor = { kind: 'account' as const, accountId: open.account?.id ?? '', ip: ctx.state.ip };
  const accepted = await attempted(acceptInvitation(site.stores, actor, ctx.params.token ?? ''), [
    'not-found',
    'conflict',
  ]);
  if ('problem' in accepted)
    throw new HttpError(accepted.code === 'conflict' ? 409 : 404, 'not_found', accepted.problem, {
      whatToDo: 'Open MCP Connections to see the organizations that you belong to.',
    });
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
      // Somebody made an account with this address meanwhile, or the invitation was used: the page says which.
      const now = await found(site, ctx);
      ctx.status = 409;
      return show(site, ctx, now, await stepFor(site, ctx, now));
    }
    ctx.status = 400;
    const field = error.message.includes('password') ? 'password' : 'name';
    return show(site, ctx, open, 'join', { name: name.slice(0, 300), error: { field, message: error.message } });
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

async function showJoined(site: Site, ctx: Context): Promise<void> {
  const person = await personOrSignIn(site, ctx);
  if (!person) return;
  const { durable } = site.stores;
  const id = queryText(ctx.query, 'organization');
  const [organization, member] = await Promise.all([
    durable.get(organizations, id),
    memberOf(durable, id, person.account.id),
  ]);
  if (!organization || !member) return seeOther(ctx, `${site.config.basePath}/account/connections`);
  ctx.body = site.render('joined', {
    page: await cardFor(site, ctx, `Welcome to ${organization.name}`),
    organization: organization.name,
    mcpAccess: organization.mcpAccess,
    settings: mayAdminister(member) ? `${site.config.basePath}/organizations/${id}/settings` : undefined,
    resourceUrl: site.oauth.resources.fallback.indicator,
  });
}
