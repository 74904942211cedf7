/** Every use of a token loads its connection: may this connection be used now, and by whom in which organization? */
import { type McpRefusal, mcpDecision } from '../organizations/mayUseMcp.js';
import type { Stored } from '../stores/collection.js';
import { type Account, accounts } from '../stores/records/account.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { type Member, memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import type { Stores } from '../stores/stores.js';
import { hasEnded } from './endedConnections.js';

export type ConnectionUse =
  | {
      readonly usable: true;
      readonly connection: Stored<Connection>;
      readonly organization: Stored<Organization>;
      readonly member: Stored<Member>;
      readonly account: Stored<Account>;
    }
  | { readonly usable: false; readonly reason: 'connection-gone' | 'account-gone' | McpRefusal };

/** The ids that a token carries, so that everything is read side by side. */
export type ConnectionEnds = Pick<Connection, 'id' | 'accountId' | 'organizationId'>;

/**
 * Decides whether a connection has its power now: it is there, neither expired nor ended together with others, its account
 * exists, and the MCP access policy allows it. Pending connections are included; who cares looks at `status`.
 */
export async function usableConnection(stores: Stores, ends: ConnectionEnds): Promise<ConnectionUse> {
  const [connection, account, organization, member] = await stores.durable.getEach(
    [connections, ends.id],
    [accounts, ends.accountId],
    [organizations, ends.organizationId],
    [members, memberId(ends.organizationId, ends.accountId)],
  );
  const decision = mcpDecision(organization, member);
  if (!connection || hasEnded(connection, account, organization)) return { usable: false, reason: 'connection-gone' };
  if (!account) return { usable: false, reason: 'account-gone' };
  if (!decision.allowed) return { usable: false, reason: decision.reason };
  return { usable: true, connection, account, organization: decision.organization, member: decision.member };
}
