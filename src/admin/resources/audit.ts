/** The audit log, of an organization or about an account. */
import { z } from 'zod';
import { matchingPage } from '../../stores/matchingPage.js';
import { auditEvents } from '../../stores/records/auditEvent.js';
import { operation } from '../operation.js';
import { page } from '../page.js';
import { UnfitRequestError } from '../problems.js';
import { Action, AuditEventList, shownEvent } from '../schemas/auditEvent.js';
import { Id, nothing } from '../schemas/fields.js';
import { paging } from '../schemas/list.js';

const Search = z.strictObject({
  organizationId: Id.exactOptional().describe(
    "The organization's log, also when it is gone. This or `accountId` has to be given.",
  ),
  accountId: Id.exactOptional().describe('Events about this account, also when it is gone.'),
  action: Action.exactOptional().describe('Only events of this kind.'),
  ...paging,
});

export const auditOperations = [
  operation(
    {
      id: 'listAuditEvents',
      method: 'get',
      path: '/audit',
      tag: 'Audit',
      summary: 'List audit events of an organization or about an account, the newest first',
      description: 'A page can have fewer items than `limit`, even none, and a `nextCursor` nevertheless.',
      params: nothing,
      query: Search,
      answer: AuditEventList,
      problems: [],
    },
    async ({ stores: { durable }, query: { organizationId, accountId, action, ...asked } }) => {
      if (organizationId === undefined && accountId === undefined)
        throw new UnfitRequestError([
          { pointer: 'organizationId', detail: 'Say which log: give "organizationId", "accountId" or both.' },
        ]);
      const log =
        organizationId === undefined
          ? ({ index: 'byAccount', key: [accountId ?? ''] } as const)
          : ({ index: 'byOrganization', key: [organizationId] } as const);
      const listing = {
        collection: auditEvents,
        ...log,
        matches: (event: { action: string; accountId?: string }) =>
          (action === undefined || event.action === action) &&
          (accountId === undefined || event.accountId === accountId),
      };
      return {
        body: await page(
          ['audit', organizationId, accountId, action],
          'string',
          asked,
          (place) => matchingPage(durable, listing, place),
          shownEvent,
        ),
      };
    },
  ),
];
