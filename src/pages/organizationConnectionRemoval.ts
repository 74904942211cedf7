/** Removing connections of an organization: one, all of a member, or all of a client; each is asked for first. */
import type Router from '@koa/router';
import { accountById } from '../accounts/findAccount.js';
import { type ConnectionOwner, countActiveConnections, eachActive } from '../connections/activeConnections.js';
import type { HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { seeOther } from '../http/seeOther.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { removeConnections } from '../organizations/removeConnections.js';
import { existingConnection, removeMembersConnection } from '../organizations/removeMembersConnection.js';
import type { Connection } from '../stores/records/connection.js';
import { pageFor } from './browserSession.js';
import { counted } from './format.js';
import { queryText } from './listPlace.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { ConfirmationData } from './organizationViews.js';
import type { Site } from './site.js';

/** What the list says after a removal, by the parameter `removed`. */
export const REMOVED: Readonly<Record<string, string>> = {
  one: 'The connection was removed. Its tokens do not work any more.',
  member: 'All connections of this member were removed. Their tokens do not work any more.',
  client: 'All connections of this client were removed. Their tokens do not work any more.',
};

const AT_ONCE = 'The tokens stop working at once. To use the client here again, it has to be connected anew.';
const REFUSED = 'connection.removal-refused';

/** For the account owner and account admins; each page is the confirmation step of its form. */
export function connectionRemovalRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/connections/remove',
    adminPage(site, (admin) => askForAll(site, admin)),
  );
  router.post(
    '/organizations/:id/connections/remove',
    adminForm(site, REFUSED, async (admin, form) => {
      const owner = ownerNamed(admin, form.get('member') ?? '', form.get('client') ?? '');
      const removed = await removeConnections(site.stores, admin.actor, owner);
      if (removed === 0) throw nothingLeft();
      seeOther(admin.ctx, `${admin.path}/connections?removed=${owner.accountId === undefined ? 'client' : 'member'}`);
    }),
  );
  router.get(
    '/organizations/:id/connections/:connection/remove',
    adminPage(site, (admin) => askForOne(site, admin)),
  );
  router.post(
    '/organizations/:id/connections/:connection/remove',
    adminForm(site, REFUSED, async (admin) => {
      const { actor, ctx, organization, path } = admin;
      await removeMembersConnection(site.stores, actor, organization.id, ctx.params.connection ?? '');
      seeOther(admin.ctx, `${path}/connections?removed=one`);
    }),
  );
}

const nothingLeft = () =>
  new DirectoryError('not-found', 'There are no such connections; they may have been removed or have ended.');

function ownerNamed({ organization: { id } }: Administration, accountId: string, clientId: string): ConnectionOwner {
  if (Boolean(accountId) === Boolean(clientId))
    throw new HttpError(400, 'invalid_request', 'The form has to name one member or one client.');
  return accountId ? { organizationId: id, accountId } : { organizationId: id, clientId };
}

async function askForOne(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const { durable } = site.stores;
  const connection = await existingConnection(durable, organization.id, ctx.params.connection ?? '');
  const account = await accountById(durable, connection.accountId);
  const member = { name: 'Member', value: account?.name ?? connection.accountId, code: account?.email };
  await ask(site, admin, {
    heading: 'Remove this connection?',
    lead: 'The client loses access to this organization at once.',
    facts: [member, { name: 'MCP Client', value: connection.clientName, code: connection.clientId }],
    consequences: [AT_ONCE],
    fields: [],
    action: `${path}/connections/${encodeURIComponent(connection.id)}/remove`,
    submit: 'Remove connection',
  });
}

/** Of so many connections the page says how many members have them; to look through more takes longer than it is worth. */
const LOOKED_THROUGH = 1_000;

async function affectedBy(
  { stores: { durable } }: Site,
  owner: ConnectionOwner,
): Promise<{ first: Connection | undefined; count: number; members?: number }> {
  const found: Connection[] = [];
  for await (const some of eachActive(durable, owner)) {
    found.push(...some);
    if (found.length > LOOKED_THROUGH) return { first: found[0], count: await countActiveConnections(durable, owner) };
  }
  return { first: found[0], count: found.length, members: new Set(found.map(({ accountId }) => accountId)).size };
}

async function askForAll(site: Site, admin: Administration): Promise<void> {
  const { ctx, path } = admin;
  const [member, client] = [queryText(ctx.query, 'member'), queryText(ctx.query, 'client')];
  const owner = ownerNamed(admin, member, client);
  const affected = await affectedBy(site, owner);
  const { first } = affected;
  if (!first) throw nothingLeft();
  const account = member ? await accountById(site.stores.durable, member) : undefined;
  const connections = counted(affected.count, 'connection');
  const ofMembers = affected.members === undefined ? '' : ` of ${counted(affected.members, 'member')}`;
  await ask(site, admin, {
    heading: member ? 'Remove all connections of this member?' : 'Remove all connections of this client?',
    lead: `This ends ${connections}${member ? '' : ofMembers}.`,
    facts: member
      ? [{ name: 'Member', value: account?.name ?? member, code: account?.email }]
      : [{ name: 'MCP Client', value: first.clientName, code: client }],
    consequences: [AT_ONCE],
    fields: [member ? { name: 'member', value: member } : { name: 'client', value: client }],
    action: `${path}/connections/remove`,
    submit: `Remove ${connections}`,
  });
}

async function ask(
  site: Site,
  admin: Administration,
  asked: Omit<ConfirmationData, 'page' | 'organization' | 'cancel'>,
): Promise<void> {
  admin.ctx.body = site.render('organizationConfirmation', {
    page: await pageFor(site, admin.ctx, asked.heading.replace('?', '')),
    organization: headOf(admin, 'connections'),
    cancel: `${admin.path}/connections`,
    ...asked,
  });
}
