/** The connections of an organization: all of them, or one member's or client's; removing one or all of those. */
import type Router from '@koa/router';
import { type ConnectionOwner, countActiveConnections } from '../connections/activeConnections.js';
import type { HttpState } from '../http/context.js';
import { leftOf } from '../oauth/connectionNow.js';
import { type MembersConnection, organizationConnections } from '../organizations/organizationConnections.js';
import { pageFor } from './browserSession.js';
import { LEFT_WORDS } from './connections.js';
import { isoOf, timeLeft } from './format.js';
import { addressWith, placeOf, placeText, queryText } from './listPlace.js';
import { type Administration, adminPage } from './organizationAccess.js';
import { connectionRemovalRoutes, REMOVED } from './organizationConnectionRemoval.js';
import { headOf } from './organizationHead.js';
import type { OrganizationConnectionRow, OrganizationConnectionsData } from './organizationViews.js';
import type { Site } from './site.js';

const PAGE_SIZE = 50;

/** For the account owner and account admins: the list, and what removes from it. */
export function organizationConnectionRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/connections',
    adminPage(site, (admin) => list(site, admin)),
  );
  connectionRemovalRoutes(site, router);
}

async function list(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const { durable } = site.stores;
  const address = `${path}/connections`;
  const [member, client, text] = ['member', 'client', 'text'].map((name) => queryText(ctx.query, name));
  const owner = ownerOf(organization.id, member, client);
  const after = placeOf(ctx.query.after, 'number');
  const { connections, next } = await organizationConnections(durable, owner, { text, size: PAGE_SIZE, after });
  const search = { member: owner.accountId, client: owner.clientId, text };
  const removed = queryText(ctx.query, 'removed');
  ctx.body = site.render('organizationConnections', {
    page: await pageFor(site, ctx, `Connections of ${organization.name}`),
    organization: headOf(admin, 'connections'),
    notice: Object.hasOwn(REMOVED, removed) ? REMOVED[removed] : undefined,
    mcpAccess: organization.mcpAccess,
    connections: connections.map((one) => row(site, address, one)),
    text: text ?? '',
    only: await only(site, address, owner, connections[0]),
    filtered: Boolean(member || client || text),
    older: next && addressWith(address, { ...search, after: placeText(next) }),
    newest: after && addressWith(address, search),
  });
}

/** One member's, else one client's, else all. */
function ownerOf(organizationId: string, accountId: string | undefined, clientId: string | undefined) {
  if (accountId) return { organizationId, accountId } satisfies ConnectionOwner;
  return { organizationId, ...(clientId && { clientId }) } as ConnectionOwner & { organizationId: string };
}

async function only(
  { stores: { durable } }: Site,
  address: string,
  owner: ConnectionOwner & { organizationId: string },
  first: MembersConnection | undefined,
): Promise<OrganizationConnectionsData['only']> {
  const { accountId = '', clientId = '' } = owner;
  if (!first || !(accountId || clientId)) return undefined;
  const { account, connection } = first;
  const count = await countActiveConnections(durable, owner);
  const removeAll = addressWith(`${address}/remove`, accountId ? { member: accountId } : { client: clientId });
  const words = accountId
    ? { name: account?.name ?? accountId, detail: account?.email ?? '' }
    : { name: connection.clientName, detail: clientId };
  return { ...words, count, member: accountId, client: clientId, removeAll };
}

function row({ oauth }: Site, address: string, { connection, account }: MembersConnection): OrganizationConnectionRow {
  const { id, accountId, clientName, clientId, verifiedHost, createdAt, expiresAt, replacedAt } = connection;
  const { refusal } = leftOf(oauth, connection);
  return {
    id,
    member: account && { name: account.name, email: account.email },
    memberConnections: addressWith(address, { member: accountId }),
    clientName,
    clientId,
    clientConnections: addressWith(address, { client: clientId }),
    verifiedHost,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    timeLeft: timeLeft(expiresAt),
    replacedAt: isoOf(replacedAt),
    rejected: refusal && LEFT_WORDS[refusal],
  };
}
