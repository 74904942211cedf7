/** Fills the store of the demo directory: one person with 40 organizations, one organization with 10,000 connections. */

import { accountByEmail } from '#src/accounts/findAccount.js';
import { ofNewAccount } from '#src/accounts/holder.js';
import { expiresOneMonthAfter } from '#src/connections/expiresOneMonthAfter.js';
import { newId } from '#src/ids.js';
import { createOrganization } from '#src/organizations/createOrganization.js';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import { insert } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { type Account, accounts } from '#src/stores/records/account.js';
import { connections } from '#src/stores/records/connection.js';
import { memberId, members } from '#src/stores/records/member.js';

const ORGANIZATIONS = 40;
const CONNECTIONS = 10_000;
const MEMBERS = 99;

/**
 * Works beside a running server.
 * @param folder the embedded store
 * @returns the organization with most of it, and one of its connections
 */
export async function giveMuch(folder: string): Promise<{ organization: string; connection: string }> {
  const stores = await openEmbeddedStores(folder);
  const { durable } = stores;
  const accountId = (await accountByEmail(durable, 'ada@example.com'))?.id ?? '';
  for (let n = 5; n <= ORGANIZATIONS; n++)
    await createOrganization(stores, { kind: 'operator' }, { name: `Organization ${n}`, ownerId: accountId });
  const organizationId = (await organizationByIdOrName(durable, 'Acme Robotics')).id;
  const people = [accountId];
  for (let n = 0; n < MEMBERS; n++) {
    const [id, createdAt] = [newId('acc'), Date.now()];
    people.push(id);
    const account: Account = {
      id,
      email: `m${n}@example.com`,
      emailVerified: ofNewAccount(true),
      name: `Member ${n}`,
      createdAt,
    };
    const ends = { id: memberId(organizationId, id), organizationId, accountId: id };
    await durable.commit([
      insert(accounts, account),
      insert(members, { ...ends, roles: [{ role: 'insights' }], createdAt }),
    ]);
  }
  const ids = Array.from({ length: CONNECTIONS }, () => newId('con'));
  await durable.commit(
    ids.map((id, n) => {
      const createdAt = Date.now() - n * 60_000;
      const expiresAt = expiresOneMonthAfter(createdAt);
      const clientName = n % 2 ? 'Cursor' : 'Claude Code';
      const common = { resource: 'http://localhost:3001/mcp', scope: 'notes:read', createdAt, expiresAt };
      const ends = {
        accountId: people[n % people.length] ?? '',
        organizationId,
        clientId: `dcr_client_${n % 7}`,
        clientName,
      };
      return insert(connections, { id, status: 'active', ...ends, ...common, keptUntil: expiresAt });
    }),
  );
  await stores.close();
  return { organization: organizationId, connection: ids[0] ?? '' };
}
