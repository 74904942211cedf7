/** A made-up population: ten connections an account, ten accounts an organization, a tenth of all in one organization. */
import { ofNewAccount } from '#src/accounts/holder.js';
import { expiresOneMonthAfter } from '#src/connections/expiresOneMonthAfter.js';
import type { Identified, Stored } from '#src/stores/collection.js';
import type { Account } from '#src/stores/records/account.js';
import type { Connection } from '#src/stores/records/connection.js';
import { type Member, memberId } from '#src/stores/records/member.js';
import type { Organization } from '#src/stores/records/organization.js';

/** How many there are, given so many connections. */
export const sizes = (connections: number) => ({
  connections,
  accounts: connections / 10,
  organizations: connections / 100,
});

/** That of config/default.json, so that its resource server may ask. */
export const RESOURCE = 'http://localhost:3001/mcp';

/** Some number below a limit, another one each round, the same in each run. */
export const pick = (round: number, below: number): number => (round * 48_271 + 11) % below;

const NOW = Date.now();

/** Of account number n. */
export const accountId = (n: number): string => `acc_${n}`;
/** Of account number n. */
export const emailOf = (n: number): string => `person${n}@example.com`;
/** Number 0 has a tenth of all connections. */
export const organizationId = (n: number): string => `org_${n}`;
/** The organization of a connection. */
const organizationOf = (n: number, total: number): number =>
  n % 10 === 0 ? 0 : 1 + (Math.floor(n / 10) % (sizes(total).organizations - 1));

/** The first of an organization's members. */
const ownerOf = (organization: number): number => Math.max(0, organization - 1);

const stored = <T extends Identified>(record: T): Stored<T> => ({ ...record, revision: 1 });

/** @param passwordHash of the one password that all of them have */
export function* accountsOf(total: number, passwordHash: string): Generator<Stored<Account>> {
  for (let n = 0; n < sizes(total).accounts; n += 1)
    yield stored({
      id: accountId(n),
      email: emailOf(n),
      emailVerified: ofNewAccount(true),
      name: `Person ${n}`,
      passwordHash,
      createdAt: NOW,
    });
}

/** @param total how many connections there are to be */
export function* organizationsOf(total: number): Generator<Stored<Organization>> {
  for (let n = 0; n < sizes(total).organizations; n += 1)
    yield stored({
      id: organizationId(n),
      name: `Organization ${n}`,
      personal: false,
      ownerId: accountId(ownerOf(n)),
      mcpAccess: true,
      createdAt: NOW,
    });
}

/** Each account belongs to the large organization and to one other. */
export function* membersOf(total: number): Generator<Stored<Member>> {
  for (let n = 0; n < sizes(total).accounts; n += 1)
    for (const organization of [0, organizationOf(10 * n + 1, total)]) {
      const ends = { organizationId: organizationId(organization), accountId: accountId(n) };
      const role = ownerOf(organization) === n ? ('account-owner' as const) : ('insights' as const);
      yield stored({ id: memberId(ends.organizationId, ends.accountId), ...ends, roles: [{ role }], createdAt: NOW });
    }
}

/** @param total how many connections there are to be */
export function* connectionsOf(total: number): Generator<Stored<Connection>> {
  for (let n = 0; n < total; n += 1) yield stored(connection(n, total));
}

/** Connection number n; its account is n / 10. */
export function connection(n: number, total: number): Connection {
  const createdAt = NOW - (n % 1_000_000);
  const expiresAt = expiresOneMonthAfter(createdAt);
  return {
    // Scattered as random ids are.
    id: `con_${((n * 7_919_993) % 99_999_989).toString(36)}_${n}`,
    status: 'active',
    accountId: accountId(Math.floor(n / 10)),
    organizationId: organizationId(organizationOf(n, total)),
    clientId: `dcr_${n % 7}`,
    clientName: 'Some client',
    resource: RESOURCE,
    scope: 'mcp:read mcp:write',
    createdAt,
    expiresAt,
    keptUntil: expiresAt,
  };
}
