/** Connecting again with the same client: what it was granted is kept, what is new is marked, the older connection is noted as replaced. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AdminApi } from '../support/adminApi.js';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import { auditLog, organizationPath, signedInPerson } from '../support/audit.js';
import type { Page } from '../support/browser.js';
import { introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { clientRedirect, offeredOrganizations, type Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const NOTES = 'http://localhost:3001/mcp';
const KEYS = 'http://localhost:3002/keys';
const SCOPES = { read: 'Read the notes', write: 'Add notes', admin: 'Delete notes' };

const configured = (scopes: Record<string, string> = SCOPES) => ({
  resources: [
    { indicator: NOTES, name: 'Notes', scopes, defaultScopes: ['read'] },
    {
      indicator: KEYS,
      name: 'Keys',
      scopes: { read: 'Read the keys', 'keys:use': 'Use keys' },
      defaultScopes: ['read'],
    },
  ],
  defaultResource: NOTES,
  resourceServers: [
    {
      clientId: 'demo-mcp-server',
      clientSecrets: ['demo-mcp-server-secret'],
      resources: [NOTES],
      exchangeFor: [{ resource: KEYS, scopes: { 'keys:use': ['read', 'write'] } }],
    },
    { clientId: 'keys-server', clientSecrets: ['secret-of-the-keys-server'], resources: [KEYS] },
  ],
  adminClients: ADMIN_CLIENTS,
});

const spaced = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();
/** What the page says that it will be able to do, in general and beside an organization. */
const abilities = (page: Page): string[] =>
  page.html.querySelectorAll('[aria-labelledby=abilities] .ability').map((item) => spaced(item.textContent));
const beside = (page: Page, organization: string): string[] => {
  const id = offeredOrganizations(page).find(({ label }) => label.includes(organization))?.id;
  return page.html.querySelectorAll(`#connected-${id} .ability`).map((item) => spaced(item.textContent));
};
const ACME = 'Acme Robotics';
const BEACON = 'Beacon Labs';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let api: AdminApi;
  let ada: Person;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start({ config: configured() });
    api = await AdminApi.open(server);
    ada = await signedInPerson(server);
  });
  beforeEach(async () => {
    client = await TestClient.register(server, NOTES);
  });
  afterAll(() => server?.stop());

  const connect = async (scope: string, { of = client, person = ada, organization = ACME, resource = NOTES } = {}) => {
    const { url, verifier } = of.authorize({ scope, resource });
    const page = await person.openConsent(url);
    const redirect = clientRedirect(await person.decide(page, organization));
    const tokens = tokensOf(await of.exchange(redirect.searchParams.get('code') ?? '', verifier, { resource }));
    return { page, ...tokens, scope: String(tokens.answer.json.scope) };
  };
  const idOf = async ({ accessToken }: Tokens) => String((await introspect(server, accessToken)).json.connection_id);
  const shownOf = async (tokens: Tokens) => (await api.get(`/connections/${await idOf(tokens)}`)).json;

  test('a client that names only what it lacks gets that and what it had; what is new is marked', async () => {
    const first = await connect('read openid offline_access');
    expect(first.page.html.querySelectorAll('.ability .badge')).toEqual([]);
    const { page, scope, ...second } = await connect('write');
    expect(scope).toBe('write read openid offline_access');
    // In one of two organizations: beside that one stands what holds there, and the page says so.
    expect(abilities(page)).toEqual(['Add notes']);
    expect(beside(page, ACME)).toEqual([
      'Add notes New',
      'Read the notes',
      'Know which account you are',
      'Stay connected until this connection ends',
      'Use keys (Keys, through Notes) New',
    ]);
    expect(beside(page, BEACON)).toEqual([]);
    const described = page.html.querySelectorAll('input[name=organization_id][aria-describedby^=connected-]');
    expect(described).toHaveLength(1);
    expect(page.html.querySelectorAll('input[name=organization_id][checked]')).toEqual([]);
    expect((await introspect(server, second.accessToken)).json.scope).toBe(scope);
    expect(String(tokensOf(await client.refresh(second.refreshToken)).answer.json.scope)).toBe(scope);
  });

  test('the older connection is marked, on both pages and in the Admin API, and goes on working', async () => {
    const first = await connect('read');
    const second = await connect('write');
    const [older, newer] = [await shownOf(first), await shownOf(second)];
    expect(older).toMatchObject({ scope: 'read', replacedBy: newer.id, replacedAt: expect.any(String) });
    expect(Object.keys(newer)).not.toContain('replacedBy');
    const refreshed = tokensOf(await client.refresh(first.refreshToken));
    expect((await introspect(server, refreshed.accessToken)).json).toMatchObject({ active: true, scope: 'read' });
    for (const path of [
      server.url('/account/connections'),
      `${await organizationPath(server, ada, ACME)}/connections`,
    ]) {
      const rows = (await ada.open(path)).html
        .querySelectorAll('tbody tr')
        .filter(({ textContent }) => textContent.includes(client.clientId));
      const marks = rows.map((row) => spaced(row.querySelector('.reason')?.textContent));
      expect(marks).toEqual([
        '',
        expect.stringMatching(/^Replaced by a newer connection of this client on \d+ \w+ \d{4}\./),
      ]);
    }
    const events = (await auditLog(server, ada, ACME)) as { connectionId?: string; details?: { replaces?: string } }[];
    expect(events.find(({ connectionId }) => connectionId === newer.id)?.details?.replaces).toBe(older.id);
    // Each of the two can be removed, and leaves the other as it is.
    await api.delete(`/connections/${newer.id}`);
    expect((await introspect(server, second.accessToken)).json.active).toBe(false);
    expect((await introspect(server, refreshed.accessToken)).json.active).toBe(true);
  });

  test('one client id on two computers: both connections work, and both can refresh', async () => {
    const [laptop, desktop] = [await connect('read write'), await connect('read write')];
    expect(desktop.scope).toBe('read write');
    expect(beside(desktop.page, ACME)).toEqual(['Read the notes', 'Add notes', 'Use keys (Keys, through Notes)']);
    for (const { accessToken, refreshToken } of [laptop, desktop]) {
      expect((await introspect(server, accessToken)).json.active).toBe(true);
      expect((await client.refresh(refreshToken)).status).toBe(200);
    }
    const third = await connect('read');
    expect(third.scope).toBe('read write');
    expect([await shownOf(laptop), await shownOf(desktop)].map(({ replacedBy }) => replacedBy)).toEqual([
      await idOf(desktop),
      await idOf(third),
    ]);
  });

  test('what is kept is of this organization, resource, client and account alone', async () => {
    await connect('admin', { organization: BEACON });
    await connect('read keys:use', { resource: KEYS });
    await connect('admin', { of: await TestClient.register(server, NOTES) });
    const grace = await signedInPerson(server, 'grace@example.com');
    await connect('admin', { person: grace });
    const { page, scope } = await connect('read');
    expect(scope).toBe('read');
    expect(beside(page, ACME)).toEqual([]);
    expect(beside(page, BEACON)).toEqual(['Read the notes New', 'Delete notes']);
  });

  test('where one organization is all that is offered, the page says it once', async () => {
    const person = await signedInPerson(server, 'linus@example.com');
    const id = (await organizationPath(server, person, 'Linus Torvalds')).split('/').at(-1);
    await api.put(`/organizations/${id}/mcp-access`, { enabled: false });
    try {
      await connect('read', { person });
      const page = await person.openConsent(client.authorize({ scope: 'admin' }).url);
      expect(abilities(page)).toEqual(['Delete notes New', 'Read the notes']);
      expect(beside(page, ACME)).toEqual([]);
      expect(spaced(page.html.querySelector('[aria-labelledby=abilities]')?.textContent)).toContain(
        'Already connected. It keeps its current access; what is new is marked.',
      );
      clientRedirect(await person.decide(page, ACME, 'deny'));
    } finally {
      await api.put(`/organizations/${id}/mcp-access`, { enabled: true });
    }
  });

  describe('Nothing is marked', () => {
    test('by a denial, and by an approval whose code is never exchanged', async () => {
      const first = await connect('read');
      const before = await shownOf(first);
      const denied = await ada.openConsent(client.authorize({ scope: 'write' }).url);
      clientRedirect(await ada.decide(denied, ACME, 'deny'));
      const unused = await ada.openConsent(client.authorize({ scope: 'write' }).url);
      clientRedirect(await ada.decide(unused, ACME));
      expect(await shownOf(first)).toEqual(before);
      expect((await introspect(server, first.accessToken)).json.scope).toBe('read');
      // What was never exchanged is no connection, and nothing is kept of it.
      expect((await connect('read')).scope).toBe('read');
    });
  });

  describe('An answer to another page than is shown now', () => {
    test.each([
      ['connected', () => connect('admin')],
      ['removed', async () => void (await api.delete('/connections', { accountId: await accountOf(ada) }))],
    ])('is asked again, where the client was %s meanwhile', async (_what, change) => {
      await connect('read');
      const { url, verifier } = client.authorize({ scope: 'write' });
      const page = await ada.openConsent(url);
      await change();
      const again = await ada.decide(page, ACME);
      expect(`${again.status} ${again.leftFor ?? ''}`).toBe('409 ');
      expect(again.html.textContent).toContain('has changed since you opened this page');
      const code = clientRedirect(await ada.decide(again, ACME)).searchParams.get('code') ?? '';
      const { json } = await client.exchange(code, verifier);
      expect(json.scope).toBe(_what === 'connected' ? 'write admin read' : 'write');
    });

    test.each([
      ['for the first time', async () => undefined],
      ['once more', () => connect('read')],
    ])('is not asked again, where the client was given the same %s meanwhile', async (_what, before) => {
      await before();
      const { url } = client.authorize({ scope: 'read' });
      const page = await ada.openConsent(url);
      await connect('read');
      expect(clientRedirect(await ada.decide(page, ACME)).searchParams.has('code')).toBe(true);
    });

    test('and one that does not say what was shown gets what the client asks for, and marks nothing', async () => {
      const first = await connect('read');
      const { url, verifier } = client.authorize({ scope: 'write' });
      const page = await ada.openConsent(url);
      const organization_id = offeredOrganizations(page).find(({ label }) => label.includes(ACME))?.id ?? '';
      const answer = await post(ada.browser, page.url, {
        csrf_token: csrfOf(page),
        decision: 'approve',
        organization_id,
      });
      const resumed = await ada.open(new URL(answer.headers.get('location') ?? '', page.url));
      const { json } = await client.exchange(clientRedirect(resumed).searchParams.get('code') ?? '', verifier);
      expect(json.scope).toBe('write');
      expect(await shownOf(first)).not.toHaveProperty('replacedBy');
    });
  });

  const accountOf = async (person: Person): Promise<string> => {
    const { items } = (await api.get('/accounts', { email: person.email })).json as { items: { id: string }[] };
    return items[0]?.id ?? '';
  };

  test('what the resource does not have any more is not kept', async () => {
    await connect('read admin');
    const { admin: _, ...rest } = SCOPES;
    await server.restart(configured(rest));
    try {
      const { page, scope } = await connect('write');
      expect(scope).toBe('write read');
      expect(beside(page, ACME).join()).not.toContain('admin');
    } finally {
      await server.restart(configured());
    }
    expect((await connect('write')).scope).toBe('write read admin');
  });
});
