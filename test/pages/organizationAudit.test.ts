/** The audit log of an organization: who did what, when, from where. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { audit } from '../../src/audit.js';
import { TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { inStore, pathOf, rowWith, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';

let server: TestServer;
let log: URL;
let client: TestClient;
let token: string;
beforeAll(async () => {
  server = await startServer();
  log = new URL(server.url(`${await pathOf(server, ACME)}/audit`));
  client = await TestClient.register(server);
  token = (await client.connect({ email: 'linus@example.com', organization: ACME })).accessToken;
  // A consent that the policy refuses: the switch is moved while the page is open.
  const linus = new Person('linus@example.com');
  const page = await linus.openConsent(client.authorize().url);
  await directory(server, 'mcp-access', 'off', ACME);
  await linus.decide(page, ACME);
  await directory(server, 'mcp-access', 'on', ACME);
  await directory(server, 'members', 'set-roles', ACME, 'linus@example.com', '--role', 'insights');
});
afterAll(() => server?.stop());

const open = async (query = '') => (await signedIn(server, 'grace@example.com')).open(`${log}${query}`);
const whatIn = (page: Awaited<ReturnType<typeof open>>) =>
  page.html.querySelectorAll('td.what .strong').map(({ textContent }) => textContent);

describe('the log', () => {
  test('lists the newest first: who, what, when, from where', async () => {
    const page = await open();
    expect(whatIn(page).slice(0, 5)).toEqual([
      'Roles changed',
      'MCP access switched on',
      'Consent refused',
      'MCP access switched off',
      'Consent given',
    ]);
    const consent = rowWith(page, 'Consent given').textContent;
    for (const shown of ['Linus Torvalds', 'linus@example.com', 'Raw test client', '127.0.0.1', 'UTC'])
      expect(consent).toContain(shown);
    expect(rowWith(page, 'Roles changed').textContent).toContain('App Viewer of app "storefront" → PubNub Insights');
    expect(rowWith(page, 'Roles changed').textContent).toContain('The operator');
    expect(rowWith(page, 'Consent refused').textContent).toContain('MCP access is off');
  });

  test('is narrowed by action and by person', async () => {
    expect(whatIn(await open('?action=connection.consented'))).toEqual(['Consent given']);
    expect(new Set(whatIn(await open('?person=LINUS')))).toEqual(
      new Set(['Roles changed', 'Consent refused', 'Consent given', 'Member added']),
    );
    expect(whatIn(await open('?person=nobody'))).toEqual([]);
    expect(words(await open('?person=nobody'))).toContain('Nothing matches');
  });

  test('is downloaded as JSON, whole or narrowed, by those who may see it', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const cookie = await grace.browser.jar.getCookieString(log.href);
    const get = (query = '') => fetch(`${log}.json${query}`, { headers: { cookie } });
    const response = await get();
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-log-\d{4}-/);
    const events = (await response.json()) as Record<string, unknown>[];
    expect(events.find(({ action }) => action === 'connection.consented')).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      actor: { kind: 'account', ip: '127.0.0.1' },
      actorAccount: { name: 'Linus Torvalds', email: 'linus@example.com' },
    });
    expect((await (await get('?action=connection.consented')).json()) as unknown[]).toHaveLength(1);
    expect(await (await get('?person=nobody')).json()).toEqual([]);
  });

  test('holds no secret', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const cookie = await grace.browser.jar.getCookieString(log.href);
    const text = await (await fetch(`${log}.json`, { headers: { cookie } })).text();
    expect(text).not.toContain(token);
    expect(text).not.toContain('demo-password');
  });

  test('comes in pages', async () => {
    const event = { action: 'connection.removed', organizationId: log.pathname.split('/')[2] ?? '' } as const;
    const many = Array.from({ length: 60 }, () => audit({ kind: 'operator' }, event));
    // However many there are in a millisecond, they stand in their order.
    const ids = many.map((change) => change.kind === 'insert' && change.record.id);
    expect(ids.toSorted()).toEqual(ids);
    await inStore(server, ({ durable }) => durable.commit(many));
    const first = await open();
    expect(whatIn(first)).toHaveLength(50);
    const next = first.html.querySelector('a[rel=next]')?.getAttribute('href') ?? '';
    const second = await (await signedIn(server, 'grace@example.com')).open(new URL(next, log));
    expect(whatIn(second)).toContain('Consent given');
    expect(whatIn(second).length).toBeLessThan(50);
    expect(second.html.querySelector('a[rel=next]')).toBeNull();
  });
});

describe('a download under way', () => {
  const EVENTS = 20_000;
  const LATER = 'filler-details-of-an-event-'.repeat(12);
  beforeAll(() =>
    inStore(server, async ({ durable }) => {
      const organizationId = log.pathname.split('/').at(-2) ?? '';
      for (let n = 0; n < EVENTS; n += 1_000)
        await durable.commit(
          Array.from({ length: 1_000 }, () =>
            audit({ kind: 'operator' }, { action: 'member.added', organizationId, details: { roles: LATER } }),
          ),
        );
    }),
  );
  /** How much comes of a download during which something happens, and whether it ended as a whole. */
  const downloadWhile = async (person: Person, happens: () => Promise<unknown>) => {
    const answer = await person.browser.send(new URL(`${log}.json`));
    expect(answer.status).toBe(200);
    const reader = answer.body?.getReader();
    if (!reader) throw new Error('No body.');
    let text = new TextDecoder().decode((await reader.read()).value);
    await happens();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read())
        text += new TextDecoder().decode(part.value);
      return { complete: true, events: text.split(LATER).length - 1 };
    } catch {
      return { complete: false, events: text.split(LATER).length - 1 };
    }
  };

  test('goes on as long as its admin is one', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    expect(await downloadWhile(grace, async () => undefined)).toEqual({ complete: true, events: EVENTS });
  });

  test('breaks off when the admin signs out', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const page = await grace.open(server.url('/account'));
    const { complete, events } = await downloadWhile(grace, () =>
      grace.browser.submit(page, 'form[action$="/logout"]'),
    );
    expect(complete).toBe(false);
    expect(events).toBeLessThan(EVENTS);
  });

  test('breaks off when the admin is demoted', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const { complete, events } = await downloadWhile(grace, () =>
      directory(server, 'members', 'set-roles', ACME, 'grace@example.com', '--role', 'insights'),
    );
    expect(complete).toBe(false);
    expect(events).toBeLessThan(EVENTS);
  });
});
