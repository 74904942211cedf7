/** MCP Connections: what the signed-in person has connected, and removing it. */
import type Router from '@koa/router';
import { connectionsOf, type ListedConnection, ownConnection, recentClients } from '../connections/connectionsOf.js';
import { removeConnection } from '../connections/removeConnection.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { seeOther } from '../http/seeOther.js';
import { leftOf } from '../oauth/connectionNow.js';
import { organizations } from '../stores/records/organization.js';
import { actorOf } from './actorOf.js';
import { ownForm, pageFor, personOrSignIn } from './browserSession.js';
import { type ConnectionSearch, searchAddress, searchOf } from './connectionSearch.js';
import { isoOf, timeLeft } from './format.js';
import type { Page } from './pageData.js';
import type { Site } from './site.js';
import type { ConnectionRow, ConnectionSearchData } from './viewData.js';

/** Why the configuration leaves nothing of a connection. */
export const LEFT_WORDS = {
  'client-gone': 'This client is no longer registered here',
  'resource-gone': 'What it was connected to is no longer offered here',
  'scope-gone': 'Nothing that it was allowed to do is offered any more',
};

const REJECTIONS = {
  ...LEFT_WORDS,
  'mcp-access-off': 'MCP access is switched off for this organization',
  'not-a-member': 'You are no longer a member of this organization',
  'organization-gone': 'This organization does not exist any more',
};

/** The list, and removing one of one's own after a page that asks. */
export function connectionRoutes(site: Site, router: Router<HttpState>): void {
  const list = `${site.config.basePath}/account/connections`;

  router.get('/', (ctx) => ctx.redirect(list));

  router.get('/account/connections', async (ctx) => {
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const search = searchOf(ctx);
    const accountId = person.account.id;
    const [page, { listed, next }] = await Promise.all([
      pageFor(site, ctx, 'MCP Connections'),
      connectionsOf(site.stores, accountId, search),
    ]);
    const filtered = Object.values(search.filter).some(Boolean);
    const many = filtered || search.after !== undefined || next !== undefined;
    ctx.body = site.render('connections', {
      page,
      connections: listed.map((one) => row(site, one)),
      resourceUrl: site.oauth.resources.fallback.indicator,
      ...(many ? { search: await searchData(site, page, accountId, search, filtered) } : {}),
      newest: search.after && searchAddress(list, search.filter, undefined),
      older: next && searchAddress(list, search.filter, next),
      ...('removed' in ctx.query ? { notice: 'The connection was removed. Its tokens do not work any more.' } : {}),
    });
  });

  router.get('/account/connections/:id/remove', async (ctx) => {
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const connection = await found(site, ctx, person.account.id);
    const organization = await site.stores.durable.get(organizations, connection.organizationId);
    ctx.body = site.render('removeConnection', {
      page: await pageFor(site, ctx, 'Remove connection'),
      action: `${list}/${encodeURIComponent(connection.id)}/remove`,
      connection: { ...connection, organizationName: organization?.name ?? connection.organizationId },
      cancel: list,
    });
  });

  router.post('/account/connections/:id/remove', async (ctx) => {
    await ownForm(site, ctx);
    const person = await personOrSignIn(site, ctx);
    if (!person) return;
    const { id } = await found(site, ctx, person.account.id);
    await removeConnection(site.stores, actorOf(ctx, person), id);
    seeOther(ctx, `${list}?removed`);
  });
}

async function searchData(
  { stores }: Site,
  { menu }: Page,
  accountId: string,
  { filter }: ConnectionSearch,
  filtered: boolean,
): Promise<ConnectionSearchData> {
  const clients = await recentClients(stores, accountId);
  const { clientId, organizationId } = filter;
  // A client that was chosen in an older page stays chosen.
  if (clientId && !clients.some(({ id }) => id === clientId)) clients.push({ id: clientId, name: clientId });
  return {
    text: filter.text ?? '',
    filtered,
    organizations: (menu?.organizations ?? []).map(({ id, name }) => ({ id, name, chosen: id === organizationId })),
    clients: clients.map(({ id, name }) => ({ id, name, chosen: id === clientId })),
  };
}

async function found(site: Site, ctx: HttpContext & { params: Record<string, string> }, accountId: string) {
  const connection = await ownConnection(site.stores, accountId, ctx.params.id ?? '');
  if (connection) return connection;
  throw new HttpError(404, 'not_found', 'You have no such connection; it may have been removed already.', {
    whatToDo: 'Open MCP Connections to see those that you have.',
  });
}

function row({ oauth }: Site, { connection, organization, refusal }: ListedConnection): ConnectionRow {
  const rejected = refusal ?? leftOf(oauth, connection).refusal;
  return {
    id: connection.id,
    organizationName: organization?.name ?? connection.organizationId,
    clientName: connection.clientName,
    clientId: connection.clientId,
    verifiedHost: connection.verifiedHost,
    createdAt: new Date(connection.createdAt).toISOString(),
    expiresAt: new Date(connection.expiresAt).toISOString(),
    timeLeft: timeLeft(connection.expiresAt),
    replacedAt: isoOf(connection.replacedAt),
    rejected: rejected && REJECTIONS[rejected],
  };
}
