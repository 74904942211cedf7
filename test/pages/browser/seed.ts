/** What the pages have to show: written into the store of a server that runs. */
import { accountByEmail } from '../../../src/accounts/findAccount.js';
import { expiresOneMonthAfter } from '../../../src/connections/expiresOneMonthAfter.js';
import { newId } from '../../../src/ids.js';
import { createOrganization } from '../../../src/organizations/createOrganization.js';
import { organizationsOf } from '../../../src/organizations/organizationsOf.js';
import { insert } from '../../../src/stores/durable.js';
import { type Connection, connections } from '../../../src/stores/records/connection.js';
import type { Stores } from '../../../src/stores/stores.js';

export { inStore as inStoreOf } from '../organizationVisit.js';

const LONG_NAME =
  'Gesellschaft für computergestützte Verfahrenstechnik und angewandte Automatisierungsforschung mbH & Co. KG';

/** Makes somebody the owner of so many more organizations; one has a very long name. */
export async function giveOrganizations(stores: Stores, email: string, count: number): Promise<void> {
  const account = await accountByEmail(stores.durable, email);
  for (let n = 1; n <= count; n++) {
    const name = n === 7 ? LONG_NAME : `Organization ${n} of Ada`;
    await createOrganization(stores, { kind: 'operator' }, { name, ownerId: account?.id ?? '' });
  }
}

const CLIENTS: readonly Pick<Connection, 'clientName' | 'clientId' | 'verifiedHost'>[] = [
  {
    clientName: 'Claude Code',
    clientId: 'https://claude.ai/oauth/claude-code-client-metadata',
    verifiedHost: 'claude.ai',
  },
  { clientName: 'Cursor', clientId: 'dcr_Zb3kQy7Xv1mW0pLr9sTtUg' },
  {
    clientName: 'Visual Studio Code',
    clientId: 'https://vscode.dev/oauth/client-metadata.json',
    verifiedHost: 'vscode.dev',
  },
  { clientName: `A client that calls itself ${LONG_NAME}`, clientId: 'dcr_4mWn8Qe2Rt6Yu0Io3Pa5Sd' },
];

const DAY = 86_400_000;

/**
 * Connects somebody so many times: through all clients, to the named organizations in turn.
 * @param names organizations of this person; all by default
 */
export async function giveConnections(
  { durable }: Stores,
  email: string,
  count: number,
  names?: readonly string[],
): Promise<void> {
  const account = await accountByEmail(durable, email);
  const all = await organizationsOf(durable, account?.id ?? '');
  const chosen = names ? names.flatMap((name) => all.filter((one) => one.name === name)) : all;
  const records = Array.from({ length: count }, (_, n): Connection => {
    const createdAt = Date.now() - (Math.round((n * DAY) / 7) % (27 * DAY));
    const expiresAt = expiresOneMonthAfter(createdAt);
    return {
      ...(CLIENTS[n % CLIENTS.length] as (typeof CLIENTS)[number]),
      id: newId('con'),
      status: 'active',
      accountId: account?.id ?? '',
      organizationId: chosen[n % chosen.length]?.id ?? '',
      resource: 'http://localhost:3001/mcp',
      scope: 'mcp:tools',
      createdAt,
      expiresAt,
      keptUntil: expiresAt,
    };
  });
  for (let n = 0; n < records.length; n += 1_000)
    await durable.commit(records.slice(n, n + 1_000).map((record) => insert(connections, record)));
}
