/** Long listings and downloads: whoever asks for one must not keep everybody else's requests waiting meanwhile. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ofNewAccount } from '../../src/accounts/holder.js';
import { expiresOneMonthAfter } from '../../src/connections/expiresOneMonthAfter.js';
import { type Account, accounts } from '../../src/stores/records/account.js';
import { type AuditEvent, auditEvents } from '../../src/stores/records/auditEvent.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import { type Member, memberId, members } from '../../src/stores/records/member.js';
import { ADMIN_CONFIG } from '../support/adminApi.js';
import { adminToken } from '../support/adminClient.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { HELD_LOOP, longestTurn } from '../support/heldLoop.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import { seedRecords } from '../support/seedRecords.js';
import type { TestServer } from '../support/server.js';

const LONG = process.env.LONG === '1';
interface Sizes {
  readonly events: number;
  readonly connections: number;
  readonly members: number;
}
const EMBEDDED: Sizes = LONG
  ? { events: 1_000_000, connections: 100_000, members: 20_000 }
  : { events: 20_000, connections: 10_000, members: 2_000 };
/** A database of its own does the reading there; what is measured is that this process takes its answers in parts. */
const ON_MONGODB: Sizes = { events: 2_000, connections: 3_000, members: 500 };
/** In milliseconds of work. */
const HELD_AT_MOST = 20;

const numbers = function* (count: number): Generator<number> {
  for (let n = 0; n < count; n += 1) yield n;
};
const digits = (n: number): string => n.toString().padStart(8, '0');
const started = Date.now() - 60_000;

const client = { clientId: 'seeded-client', clientName: 'Seeded client' };

/** Of the organization: members, connections of them and (every second one) of its owner, events of all kinds. */
function* seededAccounts({ members: count }: Sizes): Generator<Account> {
  for (const n of numbers(count))
    yield {
      id: `acc_seeded_${digits(n)}`,
      email: `seeded-${n}@example.com`,
      emailVerified: ofNewAccount(true),
      name: `Seeded ${n}`,
      createdAt: started,
    };
}

function* seededMembers(sizes: Sizes, organizationId: string): Generator<Member> {
  for (const { id: accountId } of seededAccounts(sizes))
    yield {
      id: memberId(organizationId, accountId),
      organizationId,
      accountId,
      roles: [{ role: 'insights' }],
      createdAt: started,
    };
}

function* seededConnections(sizes: Sizes, organizationId: string, ownerId: string): Generator<Connection> {
  for (const n of numbers(sizes.connections)) {
    const createdAt = started - n;
    const expiresAt = expiresOneMonthAfter(createdAt);
    yield {
      id: `con_seeded_${digits(n)}`,
      status: 'active',
      accountId: n % 2 === 0 ? ownerId : `acc_seeded_${digits(n % sizes.members)}`,
      organizationId,
      ...client,
      resource: 'http://localhost:3001/mcp',
      scope: 'mcp:read',
      createdAt,
      expiresAt,
      keptUntil: expiresAt,
    };
  }
}

function* seededEvents(sizes: Sizes, organizationId: string, accountId: string): Generator<AuditEvent> {
  for (const n of numbers(sizes.events)) {
    const at = started - n;
    yield {
      id: `${at.toString().padStart(15, '0')}-0000-evt_${digits(n)}`,
      at,
      action: n % 1_000 === 0 ? 'organization.renamed' : 'connection.consented',
      actor: { kind: 'account', accountId, ip: '192.0.2.1' },
      organizationId,
      accountId,
      connectionId: `con_seeded_${digits(n)}`,
      details: { client: 'Seeded client', resource: 'http://localhost:3001/mcp', scope: 'mcp:read' },
    };
  }
}

await describeOnEachStore((stores) => {
  let server: TestServer;
  let ada: Person;
  let path: string;
  let authorization: string;
  let sizes: Sizes;
  let ids: { organizationId: string; accountId: string };
  beforeAll(async () => {
    server = await stores.start({ config: ADMIN_CONFIG, preload: [HELD_LOOP] });
    sizes = server.env.MONGODB_URI === undefined ? EMBEDDED : ON_MONGODB;
    ada = await signedInPerson(server);
    path = await organizationPath(server, ada, 'Acme Robotics');
    authorization = `Bearer ${(await adminToken(server)).json.access_token}`;
    const organizationId = path.split('/').at(-1) ?? '';
    const [found] = (await api('/accounts?email=ada@example.com')).items;
    ids = { organizationId, accountId: String(found?.id) };
    await seedRecords(server, accounts, seededAccounts(sizes));
    await seedRecords(server, members, seededMembers(sizes, organizationId));
    await seedRecords(server, connections, seededConnections(sizes, organizationId, ids.accountId));
    await seedRecords(server, auditEvents, seededEvents(sizes, organizationId, ids.accountId));
  }, 300_000);
  afterAll(() => server?.stop());

  const api = async (of: string): Promise<{ items: readonly { id?: string }[] }> => {
    const answer = await fetch(server.url(`/admin/v1${of}`), { headers: { authorization } });
    if (answer.status !== 200) throw new Error(`${of}: ${answer.status}`);
    return (await answer.json()) as { items: readonly { id?: string }[] };
  };
  const page = async (url: string): Promise<string> => {
    const answer = await ada.browser.send(new URL(url));
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    return answer.text();
  };

  /** Once before, so that what is measured is not the compiling of it. */
  const held = async <T>(work: () => Promise<T>): Promise<T> => {
    await work();
    const { ms, result } = await longestTurn(server, work);
    if (LONG) process.stdout.write(`held at most ${ms.toFixed(1)} ms\n`);
    expect(ms).toBeLessThanOrEqual(HELD_AT_MOST);
    return result;
  };
  const asked = (name: string, work: () => Promise<unknown>): void =>
    test(`${name} gives way to others`, () => held(work), 120_000);

  /** How many events a download has; each has a line of its own. */
  const downloaded = async (url: string): Promise<number> => {
    const answer = await ada.browser.send(new URL(url));
    if (answer.status !== 200 || !answer.body) throw new Error(`${url}: ${answer.status}`);
    let lines = 0;
    let end = '';
    for await (const chunk of answer.body) {
      const text = Buffer.from(chunk).toString('latin1');
      lines += text.split('\n').length - 1;
      end = (end + text).slice(-4);
    }
    expect(end).toBe('}\n]\n');
    return lines - 2;
  };
  test('the whole audit log comes when it is downloaded, and others have their turn meanwhile', async () => {
    expect(await held(() => downloaded(`${path}/audit.json`))).toBeGreaterThanOrEqual(sizes.events);
  }, 300_000);
  test('and so with a filter that few events pass', async () => {
    const some = await held(() => downloaded(`${path}/audit.json?action=organization.renamed`));
    expect(some).toBe(sizes.events / 1_000);
  }, 120_000);
  asked('a download that is filtered by a person who is in no event', () => page(`${path}/audit.json?person=no+one`));
  asked('a page of the audit log with that filter', () => page(`${path}/audit?person=no+one`));
  asked("a search for what none of the account's connections is called", () =>
    page(server.url('/account/connections?text=no+such+client')),
  );
  asked("a search for what none of the organization's connections is called", () =>
    page(`${path}/connections?text=no+such+client`),
  );
  asked('the list of a client with very many connections', () => page(`${path}/connections?client=seeded-client`));
  asked('the page that asks whether to remove them all', () => page(`${path}/connections/remove?client=seeded-client`));
  asked('the page that asks whether to switch MCP access off', () => page(`${path}/settings/mcp-access`));
  asked('the settings', () => page(`${path}/settings`));
  asked('the list of very many members', () => page(`${path}/members`));
  asked('a search for a member who is not there', () => page(`${path}/members?text=no+such+person`));
  asked('the Admin API, asked for MCP access', () => api(`/organizations/${ids.organizationId}/mcp-access`));
  asked('the Admin API, asked for events that are not there', () =>
    api(`/audit?organizationId=${ids.organizationId}&action=invitation.created`),
  );
  asked('the Admin API, asked for members, connections, accounts and organizations', () =>
    Promise.all(
      [
        `/organizations/${ids.organizationId}/members?limit=100`,
        `/connections?organizationId=${ids.organizationId}&limit=100`,
        '/accounts?limit=100',
        '/organizations?limit=100',
      ].map(api),
    ),
  );
  asked('ten of the longest at once', () =>
    Promise.all(Array.from({ length: 10 }, () => page(`${path}/audit?person=no+one`))),
  );
});
