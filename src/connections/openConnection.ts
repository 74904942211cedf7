/** Giving consent: a pending connection comes to be. */
import { type SignedIn, wasEnded } from '../accounts/sessions.js';
import { audit, auditRefusal } from '../audit.js';
import { newIdInOrder, secretHash } from '../ids.js';
import { type McpRefusal, mayUseMcp } from '../organizations/mayUseMcp.js';
import { insert, unchanged } from '../stores/durable.js';
import { accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Connection, connections, type ShownExchange } from '../stores/records/connection.js';
import { members } from '../stores/records/member.js';
import { organizations } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { epochsOf } from './endedConnections.js';
import { expiresOneMonthAfter } from './expiresOneMonthAfter.js';

/** How long a connection may wait for its code to be exchanged, in milliseconds. */
export const PENDING_MS = 15 * 60_000;

export type ConsentGiven = Pick<
  Connection,
  | 'accountId'
  | 'organizationId'
  | 'clientId'
  | 'clientName'
  | 'verifiedHost'
  | 'preRegistered'
  | 'resource'
  | 'scope'
  | 'exchanges'
  | 'replaces'
>;

/**
 * Stores the pending connection that a consent creates, if the MCP access policy allows it at that very moment:
 * account, organization and membership must be unchanged when the connection is written.
 * @param actor who consents
 * @param signedIn the sign-in session in which the person consents
 * @param consent what was consented to
 * @returns the connection, or undefined when the policy refuses (docs/rules.md, 1) or the session was ended meanwhile
 */
export function openConnection(
  stores: Stores,
  actor: Actor,
  { session, sessionId }: Pick<SignedIn, 'session' | 'sessionId'>,
  consent: ConsentGiven,
): Promise<Connection | undefined> {
  return retryOnConflict(async () => {
    const [account, decision] = await Promise.all([
      stores.durable.get(accounts, consent.accountId),
      mayUseMcp(stores.durable, consent.accountId, consent.organizationId),
    ]);
    // Whoever took the account back ended its connections and sessions; none may come to be just after that.
    if (!account || wasEnded(account, session, secretHash(sessionId))) return undefined;
    if (!decision.allowed) {
      await refused(stores, actor, consent, decision.reason);
      return undefined;
    }
    const createdAt = Date.now();
    const connection: Connection = {
      ...consent,
      id: newIdInOrder('con', createdAt),
      status: 'pending',
      ...epochsOf(account, decision.organization),
      createdAt,
      expiresAt: expiresOneMonthAfter(createdAt),
      keptUntil: createdAt + PENDING_MS,
    };
    await stores.durable.commit([
      unchanged(accounts, account),
      unchanged(organizations, decision.organization),
      unchanged(members, decision.member),
      insert(connections, connection),
      audit(actor, {
        action: 'connection.consented',
        organizationId: connection.organizationId,
        accountId: connection.accountId,
        clientId: connection.clientId,
        connectionId: connection.id,
        details: {
          client: connection.clientName,
          resource: connection.resource,
          scope: connection.scope,
          ...(connection.exchanges?.length ? { exchanges: inWords(connection.exchanges) } : {}),
          ...(connection.replaces ? { replaces: connection.replaces.join(' ') } : {}),
        },
      }),
    ]);
    return connection;
  });
}

const inWords = (exchanges: readonly ShownExchange[]): string =>
  exchanges.map(({ resource, scope }) => `${resource}: ${scope}`).join('; ');

/** An id that somebody made up has no log, and must not fill the store. */
async function refused(stores: Stores, actor: Actor, consent: ConsentGiven, reason: McpRefusal): Promise<void> {
  if (reason === 'organization-gone') return;
  const { organizationId, accountId, clientId, clientName } = consent;
  await auditRefusal(stores, actor, {
    action: 'connection.consent-refused',
    organizationId,
    accountId,
    clientId,
    details: { client: clientName, reason },
  });
}
