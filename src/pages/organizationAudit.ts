/** The audit log of an organization: filtered, page by page, or all of it as JSON. */
import { Readable } from 'node:stream';
import type Router from '@koa/router';
import { findSession } from '../accounts/sessions.js';
import type { HttpState } from '../http/context.js';
import { type AuditFilter, auditLog, type LoggedEvent } from '../organizations/auditLog.js';
import { memberOf } from '../organizations/findOrganization.js';
import { mayAdminister } from '../organizations/roles.js';
import { AuditAction } from '../stores/records/auditEvent.js';
import type { Stores } from '../stores/stores.js';
import { ACTION_GROUPS, ACTION_WORDS, detailsOf, isRefusal } from './auditWords.js';
import { pageFor } from './browserSession.js';
import { addressWith, placeOf, placeText, queryText } from './listPlace.js';
import { type Administration, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { AuditRow } from './organizationViews.js';
import type { Site } from './site.js';

const PAGE_SIZE = 50;
const DOWNLOAD_SIZE = 200;

/** For the account owner and account admins: pages to read, a JSON array to keep. */
export function organizationAuditRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/audit',
    adminPage(site, (admin) => showLog(site, admin)),
  );
  router.get(
    '/organizations/:id/audit.json',
    adminPage(site, async ({ ctx, organization, actor, person }) => {
      const stillAllowed = async (): Promise<boolean> => {
        site.stores.beginRequest();
        const member = await memberOf(site.stores.durable, organization.id, actor.accountId);
        return mayAdminister(member) && (await findSession(site.stores, person.sessionId)) !== undefined;
      };
      ctx.type = 'json';
      ctx.attachment(`audit-log-${new Date().toISOString().slice(0, 10)}.json`);
      const body = Readable.from(asJson(site.stores, organization.id, filterOf(ctx.query), stillAllowed));
      // The status is sent already: only an answer that breaks off says that it is not complete.
      body.once('error', () => ctx.res.destroy());
      ctx.body = body;
    }),
  );
}

function filterOf(query: NodeJS.Dict<string | string[]>): AuditFilter {
  const action = AuditAction.safeParse(query.action);
  return { action: action.success ? action.data : undefined, person: queryText(query, 'person') };
}

async function showLog(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const filter = filterOf(ctx.query);
  const after = placeOf(ctx.query.after, 'string');
  const { events, next } = await auditLog(site.stores.durable, organization.id, filter, { size: PAGE_SIZE, after });
  const search = { action: filter.action, person: filter.person };
  const address = `${path}/audit`;
  ctx.body = site.render('auditLog', {
    page: await pageFor(site, ctx, `Audit log of ${organization.name}`),
    organization: headOf(admin, 'audit'),
    events: events.map(row),
    groups: ACTION_GROUPS.map(({ label, actions }) => ({
      label,
      actions: actions.map((id) => ({ id, label: ACTION_WORDS[id], selected: id === filter.action })),
    })),
    person: filter.person ?? '',
    filtered: Boolean(filter.action || filter.person),
    download: addressWith(`${path}/audit.json`, search),
    older: next && addressWith(address, { ...search, after: placeText(next) }),
    newest: after && addressWith(address, search),
  });
}

function row(logged: LoggedEvent): AuditRow {
  const { event, actor } = logged;
  return {
    at: new Date(event.at).toISOString(),
    who: actor && { name: actor.name, email: actor.email },
    actor: actorWords(logged),
    ip: 'ip' in event.actor ? event.actor.ip : undefined,
    action: ACTION_WORDS[event.action],
    refused: isRefusal(event.action),
    details: detailsOf(logged),
  };
}

function actorWords({ event }: LoggedEvent): string {
  if (event.actor.kind === 'operator')
    return event.actor.clientId === undefined ? 'The operator' : `The operator, through ${event.actor.clientId}`;
  return event.actor.kind === 'client' ? 'The client' : 'An account that was removed';
}

/**
 * The log as a JSON array, read while it is sent, so that a long one needs no memory: a page of it at a time.
 * @param stillAllowed asked before each part: a download can take longer than the right to it
 */
async function* asJson(
  { durable }: Stores,
  organizationId: string,
  filter: AuditFilter,
  stillAllowed: () => Promise<boolean>,
): AsyncGenerator<string> {
  let separator = '[\n';
  let after: Parameters<typeof auditLog>[3]['after'];
  do {
    if (!(await stillAllowed()))
      throw new Error('The download ended: who asked for it may no longer read the audit log.');
    const { events, next } = await auditLog(durable, organizationId, filter, { size: DOWNLOAD_SIZE, after });
    if (events.length > 0) yield separator + events.map(line).join(BETWEEN);
    if (events.length > 0) separator = BETWEEN;
    after = next;
  } while (after);
  yield separator === BETWEEN ? '\n]\n' : '[]\n';
}

const BETWEEN = ',\n';

function line({ event: { revision: _, at, ...rest }, actor, account }: LoggedEvent): string {
  const named = (one: typeof actor) => one && { name: one.name, email: one.email };
  return JSON.stringify({
    at: new Date(at).toISOString(),
    ...rest,
    actorAccount: named(actor),
    account: named(account),
  });
}
