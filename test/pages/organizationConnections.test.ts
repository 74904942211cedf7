/** The connections of an organization: listing, filtering, paging, and removing one, a member's or a client's. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insert } from '../../src/stores/durable.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import { introspect, TestClient } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';
import { eventsOf, follow, inStore, pathOf, rowWith, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';

let server: TestServer;
let list: URL;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  list = new URL(server.url(`${await pathOf(server, ACME)}/connections`));
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const connect = (name: string, organization = ACME, by = client) =>
  by.connect({ email: `${name}@example.com`, organization });
const isActive = async (token: string) => (await introspect(server, token)).json.active;

describe('the list', () => {
  test('says what it is for while nothing is connected', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    expect(words(await grace.open(list))).toContain('Nothing is connected yet');
  });

  test('shows each connection with member and client, and none of other organizations', async () => {
    await connect('linus');
    await connect('grace', 'Beacon Labs');
    const ada = await signedIn(server, 'ada@example.com');
    const page = await ada.open(list);
    expect(page.html.querySelectorAll('tbody tr')).toHaveLength(1);
    const row = rowWith(page, 'linus@example.com').textContent;
    expect(row).toContain('Linus Torvalds');
    expect(row).toContain('Raw test client');
    expect(row).toContain(client.clientId);
    expect(row).toMatch(/\d+ days left/);
  });

  test('is narrowed by name, address or client, by one member, and by one client', async () => {
    const other = await TestClient.register(server);
    await connect('grace', ACME, other);
    const ada = await signedIn(server, 'ada@example.com');
    const rows = async (query: Record<string, string>) => {
      const page = await ada.open(`${list}?${new URLSearchParams(query)}`);
      return page.html.querySelectorAll('tbody tr').map((row) => row.querySelector('bdi')?.textContent);
    };
    expect(await rows({ text: 'HOPPER' })).toEqual(['Grace Hopper']);
    expect(await rows({ text: 'linus@' })).toEqual(['Linus Torvalds']);
    expect(await rows({ text: client.clientId })).toEqual(['Linus Torvalds']);
    expect(await rows({ text: 'no such' })).toEqual([]);
    expect(await rows({ client: other.clientId })).toEqual(['Grace Hopper']);
    const page = await follow(ada, await ada.open(list), 'linus@example.com', 'Linus');
    expect(page.html.querySelectorAll('tbody tr')).toHaveLength(1);
    expect(words(page)).toContain('Remove this connection');
  });
});

describe('removing', () => {
  test('one asks first, works at the very next introspection, and says so', async () => {
    const { accessToken } = await connect('linus', ACME, await TestClient.register(server));
    const grace = await signedIn(server, 'grace@example.com');
    const asked = await follow(grace, await grace.open(list), 'linus@example.com', 'Remove');
    expect(words(asked, '.confirmation')).toContain('Linus Torvalds');
    expect(words(asked, '.confirmation')).toContain('Raw test client');
    expect(await isActive(accessToken)).toBe(true);
    const page = await grace.browser.submit(asked, '.confirmation button.danger');
    expect(await isActive(accessToken)).toBe(false);
    expect(words(page, '[role=status]')).toContain('The connection was removed');
    const again = await grace.browser.submit(asked, '.confirmation button.danger');
    // The same form sent again answers the same; the page of a connection that is gone does not open.
    expect(again.status).toBe(200);
    expect((await grace.open(asked.url)).status).toBe(404);
  });

  test('all of a member ends every one of them and no other', async () => {
    const linus = [await connect('linus'), await connect('linus')];
    const grace = await connect('grace');
    const elsewhere = await connect('linus', 'Linus Torvalds (personal)');
    const ada = await signedIn(server, 'ada@example.com');
    const narrowed = await follow(ada, await ada.open(list), 'linus@example.com', 'Linus');
    const remove = narrowed.html.querySelector('.narrowed a')?.getAttribute('href') ?? '';
    const asked = await ada.open(new URL(remove, list));
    expect(words(asked, '.confirmation')).toMatch(/This ends \d connections\./);
    const page = await ada.browser.submit(asked, '.confirmation button.danger');
    expect(words(page, '[role=status]')).toContain('All connections of this member were removed');
    for (const { accessToken } of linus) expect(await isActive(accessToken)).toBe(false);
    expect(await isActive(grace.accessToken)).toBe(true);
    expect(await isActive(elsewhere.accessToken)).toBe(true);
  });

  test('all of a client ends them for every member of this organization, and nowhere else', async () => {
    const shared = await TestClient.register(server);
    const here = [await connect('linus', ACME, shared), await connect('grace', ACME, shared)];
    const elsewhere = await connect('grace', 'Beacon Labs', shared);
    const other = await connect('ada');
    const ada = await signedIn(server, 'ada@example.com');
    const asked = await ada.open(`${list}/remove?client=${shared.clientId}`);
    expect(words(asked, '.confirmation')).toContain('This ends 2 connections of 2 members.');
    await ada.browser.submit(asked, '.confirmation button.danger');
    for (const { accessToken } of here) expect(await isActive(accessToken)).toBe(false);
    expect(await isActive(elsewhere.accessToken)).toBe(true);
    expect(await isActive(other.accessToken)).toBe(true);
    const last = (await eventsOf(server, ACME)).at(-1);
    expect(last).toMatchObject({
      action: 'connection.removed',
      clientId: shared.clientId,
      actor: { kind: 'account', ip: '127.0.0.1' },
      details: { connections: 2 },
    });
  });

  test('needs exactly one member or client', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    expect((await ada.open(`${list}/remove`)).status).toBe(400);
    expect((await ada.open(`${list}/remove?member=a&client=b`)).status).toBe(400);
    expect((await ada.open(`${list}/remove?member=acc_unknown`)).status).toBe(404);
  });
});

test('a long list comes in pages, the newest first, each connection once', async () => {
  const template = await inStore(server, async ({ durable }) => {
    const [one] = await durable.list(connections, 'byOrganization', [list.pathname.split('/')[2] ?? '']);
    if (!one) throw new Error('Nothing is connected.');
    const { revision: _, ...record } = one;
    const many = Array.from({ length: 120 }, (_, n): Connection => {
      const id = `con_many${String(n).padStart(3, '0')}`;
      return { ...record, id, clientName: `Many ${n}`, createdAt: record.createdAt + n };
    });
    await durable.commit(many.map((one) => insert(connections, one)));
    return record;
  });
  expect(template.status).toBe('active');
  const ada = await signedIn(server, 'ada@example.com');
  const seen: string[] = [];
  let page = await ada.open(`${list}?text=many`);
  for (;;) {
    seen.push(...page.html.querySelectorAll('tbody tr').map((row) => row.querySelectorAll('a')[1]?.textContent ?? ''));
    const next = page.html.querySelector('a[rel=next]')?.getAttribute('href');
    if (!next) break;
    page = await ada.open(new URL(next, list));
  }
  expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => `Many ${119 - n}`));
  expect(words(page)).toContain('Newest');
});

test('a search that found nothing so far says that there is more to look through', async () => {
  await inStore(server, async ({ durable }) => {
    const [one] = await durable.list(connections, 'byOrganization', [list.pathname.split('/')[2] ?? '']);
    if (!one) throw new Error('Nothing is connected.');
    const { revision: _, ...record } = one;
    const copies = Array.from({ length: 2_100 }, (_, n) => insert(connections, { ...record, id: `con_copy${n}` }));
    await durable.commit(copies);
  });
  const ada = await signedIn(server, 'ada@example.com');
  const first = await ada.open(`${list}?text=nowhere+to+be+found`);
  expect(words(first)).toContain('Nothing found so far');
  const older = first.html.querySelector('a[rel=next]')?.getAttribute('href') ?? '';
  const last = await ada.open(new URL(older, list));
  expect(words(last)).toContain('No connection matches');
});
