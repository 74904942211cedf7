/** The configuration changes after consent: what is given is what the person was shown, as far as it still holds. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from '../support/browser.js';
import { type Answer, basic, form, introspect, request, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const TOOLS = 'https://tools.example.com/mcp';
const SIGNED = 'https://signed.example.com/mcp';
const RETIRED = 'https://retired.example.com/mcp';
const KEYS = 'https://keys.example.com/api';
const CALLBACK = 'http://127.0.0.1:8765/callback';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const TOOLS_SERVER = { client_id: 'tools-server', client_secret: 'secret-of-the-tools-server' };
const asTools = basic(TOOLS_SERVER.client_id, TOOLS_SERVER.client_secret);
const asRetired = basic('retired-server', 'secret-of-the-retired-server');
const asKeys = basic('keys-server', 'secret-of-the-keys-server');
const INACTIVE = '200 {"active":false}';

const SCOPES = { 'mcp:read': 'Read the notes', 'mcp:write': 'Add notes', list: 'List the notes' };
const keyScopes = { 'keys:read': 'Read the keys', 'keys:write': 'Make keys', list: 'List the keys' };
const resource = (indicator: string, scopes: Record<string, string>, more: object = {}) => ({
  indicator,
  name: `Resource ${indicator}`,
  scopes,
  defaultScopes: Object.keys(scopes).filter((scope) => scope !== 'list'),
  ...more,
});

interface Settings {
  readonly scopes?: Record<string, string>;
  readonly exchange?: unknown;
  readonly client?: boolean;
  readonly retired?: boolean;
}

const configured = ({ scopes = SCOPES, exchange = ['keys:read'], client = true, retired = false }: Settings = {}) => ({
  resources: [
    resource(TOOLS, scopes),
    resource(SIGNED, scopes, { accessTokenFormat: 'jwt', accessTokenTtl: 3_600 }),
    resource(KEYS, keyScopes),
    ...(retired ? [] : [resource(RETIRED, SCOPES)]),
  ],
  defaultResource: TOOLS,
  resourceServers: [
    {
      clientId: TOOLS_SERVER.client_id,
      clientSecrets: [TOOLS_SERVER.client_secret],
      resources: [TOOLS, SIGNED],
      ...(exchange === undefined || exchange === 'none' ? {} : { exchangeFor: [{ resource: KEYS, scopes: exchange }] }),
    },
    {
      clientId: 'keys-server',
      clientSecrets: ['secret-of-the-keys-server'],
      resources: [KEYS],
      // So that token exchange is there whatever the other one may exchange.
      exchangeFor: [{ resource: TOOLS, scopes: ['mcp:read'] }],
    },
    ...(retired
      ? []
      : [{ clientId: 'retired-server', clientSecrets: ['secret-of-the-retired-server'], resources: [RETIRED] }]),
  ],
  clients: client ? [{ client_id: 'agent', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }] : [],
});

const { 'mcp:write': _, ...WITHOUT_WRITE } = SCOPES;
const said = ({ status, json, text }: Answer): string =>
  status === 200 && json.active !== false ? `200 ${json.scope}` : `${status} ${json.error ?? text}`;
/** What a page says of organizations where the client is not connected. */
const abilities = (page: Page) =>
  page.html.querySelectorAll('[aria-labelledby=abilities] .ability').map((item) => item.textContent.trim());

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  /** Each has one connection, so that nothing is kept of another. */
  let opener: TestClient;
  let writer: TestClient;
  let signed: TestClient;
  let retired: TestClient;
  let agent: TestClient;
  let full: Tokens;
  let jwt: Tokens;
  let onlyWriting: Tokens;
  let narrowed: Tokens;
  let agents: Tokens;
  let agentsUnused: { code: string; verifier: string };
  let ofRetired: Tokens;

  const exchange = (subject_token: string, changes: Record<string, string> = {}) =>
    request(server.url('/token'), {
      method: 'POST',
      body: form({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token,
        subject_token_type: ACCESS_TOKEN,
        resource: KEYS,
        ...TOOLS_SERVER,
        ...changes,
      }),
    });
  const exchanged = async (token: string) => {
    const answer = await exchange(token);
    expect(said(answer)).toMatch(/^200 /);
    return String(answer.json.access_token);
  };
  const introspected = async (token: string, as = asTools) => said(await introspect(server, token, as));
  const userinfo = async ({ accessToken }: Tokens) =>
    (await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${accessToken}` } })).status;

  beforeAll(async () => {
    server = await stores.start({ config: configured() });
    client = await TestClient.register(server, TOOLS);
    signed = await TestClient.register(server, SIGNED);
    retired = await TestClient.register(server, RETIRED);
    agent = TestClient.known(server, 'agent', CALLBACK, TOOLS);
    opener = await TestClient.register(server, TOOLS);
    full = await opener.connect({}, { scope: 'openid mcp:read mcp:write' });
    jwt = await signed.connect();
    writer = await TestClient.register(server, TOOLS);
    onlyWriting = await writer.connect({}, { scope: 'openid offline_access mcp:write' });
    agents = await agent.connect();
    agentsUnused = await agent.code();
    ofRetired = await retired.connect({}, { scope: 'openid mcp:read' });
    const whole = await client.connect();
    narrowed = tokensOf(await client.refresh(whole.refreshToken, { scope: 'mcp:read' }));
  });
  afterAll(() => server?.stop());

  describe('A token that was narrowed', () => {
    test('exchanges for nothing that goes with the whole of its connection', async () => {
      expect(said(await exchange(full.accessToken))).toBe('200 keys:read');
      expect(said(await exchange(narrowed.accessToken))).toBe('400 invalid_scope');
      expect(said(await exchange(narrowed.accessToken, { scope: 'keys:read' }))).toBe('400 invalid_scope');
    });

    test('and refreshed to the whole again, exchanges', async () => {
      const again = tokensOf(await client.refresh(narrowed.refreshToken));
      expect(said(await exchange(again.accessToken))).toBe('200 keys:read');
    });

    test('still counts as whole without what is this server’s own', async () => {
      const reader = await TestClient.register(server, TOOLS);
      const { refreshToken } = await reader.connect({}, { scope: 'openid offline_access mcp:read' });
      const { accessToken } = tokensOf(await reader.refresh(refreshToken, { scope: 'mcp:read' }));
      expect(said(await exchange(accessToken))).toBe('200 keys:read');
    });
  });

  describe('After scopes, a client and a resource were taken out, and an exchange was put in', () => {
    let before: { exchanged: string; code: { code: string; verifier: string }; page: Page; person: Person };
    beforeAll(async () => {
      const person = new Person();
      before = {
        exchanged: await exchanged(full.accessToken),
        code: await client.code(),
        page: await person.openConsent(client.authorize().url),
        person,
      };
      const exchange = ['keys:read', 'keys:write'];
      await server.restart(configured({ scopes: WITHOUT_WRITE, exchange, client: false, retired: true }));
    });
    afterAll(() => server.restart(configured()));

    test('introspection names the scopes that are left', async () => {
      expect(await introspected(full.accessToken)).toBe('200 openid mcp:read');
      expect(await introspected(jwt.accessToken)).toBe('200 mcp:read');
    });

    test('a token of which nothing is left is inactive, and its refresh is refused', async () => {
      expect(await introspected(onlyWriting.accessToken)).toBe(INACTIVE);
      expect(said(await writer.refresh(onlyWriting.refreshToken))).toBe('400 invalid_grant');
      expect(await userinfo(onlyWriting)).toBe(401);
    });

    test('refresh and code exchange give what is left, and a removed scope cannot be asked for', async () => {
      const { code, verifier } = before.code;
      expect(said(await client.exchange(code, verifier))).toBe('200 mcp:read');
      const { refreshToken } = await client.connect();
      expect(said(await client.refresh(refreshToken, { scope: 'mcp:read mcp:write' }))).toBe('200 mcp:read');
      full = tokensOf(await opener.refresh(full.refreshToken));
      expect(full.answer.json.scope).toBe('openid mcp:read');
    });

    test('an exchange that the person was not shown is not given', async () => {
      expect(said(await exchange(full.accessToken))).toBe('200 keys:read');
      expect(said(await exchange(full.accessToken, { scope: 'keys:read keys:write' }))).toBe('400 invalid_scope');
      expect(await introspected(before.exchanged, asKeys)).toBe('200 keys:read');
    });

    test('who is asked now is shown it, and gives it', async () => {
      const page = await new Person().openConsent(client.authorize().url);
      expect(abilities(page)).toEqual([
        'Read the notes',
        expect.stringContaining('Read the keys'),
        expect.stringContaining('Make keys'),
      ]);
      const { accessToken } = await client.connect();
      expect(said(await exchange(accessToken))).toBe('200 keys:read keys:write');
    });

    test('a page that showed something else cannot be approved: it is shown again as it is now', async () => {
      expect(abilities(before.page)).toHaveLength(3);
      const again = await before.person.decide(before.page, 'Acme Robotics');
      expect(`${again.status} ${again.leftFor}`).toBe('409 undefined');
      expect(again.html.querySelector('[role=alert]')?.textContent).toContain('changed');
      expect(abilities(again).at(-1)).toContain('Make keys');
      expect(offeredOrganizations(again).length).toBeGreaterThan(0);
      const redirect = clientRedirect(await before.person.decide(again, 'Acme Robotics'));
      expect(redirect.searchParams.get('code')).toBeTruthy();
    });

    test('tokens of the client are inactive, and it can do nothing', async () => {
      expect(await introspected(agents.accessToken)).toBe(INACTIVE);
      expect(said(await agent.refresh(agents.refreshToken))).toBe('401 invalid_client');
      expect(said(await agent.exchange(agentsUnused.code, agentsUnused.verifier))).toBe('401 invalid_client');
      expect(said(await exchange(agents.accessToken))).toBe('400 invalid_grant');
    });

    test.each([
      ['its person', () => '/account/connections'],
      ['admins', (organization: unknown) => `/organizations/${organization}/connections`],
    ])('such connections are listed as rejected, with the reason, for %s', async (_whom, path) => {
      const { org_id } = (await introspect(server, full.accessToken, asTools)).json;
      const person = new Person();
      const page = await person.signIn(await person.open(server.url(path(org_id))));
      const reasons = page.html.querySelectorAll('.reason').map((item) => item.textContent.replace(/\s+/g, ' ').trim());
      expect(reasons).toContainEqual(expect.stringContaining('client is no longer registered here'));
      expect(reasons).toContainEqual(expect.stringContaining('Nothing that it was allowed to do'));
      expect(reasons).toContainEqual(expect.stringContaining('What it was connected to is no longer offered'));
    });

    test('tokens of the resource open nothing, and its server is unknown', async () => {
      expect(await introspected(ofRetired.accessToken)).toBe(INACTIVE);
      expect(await introspected(ofRetired.accessToken, asRetired)).toBe('401 invalid_client');
      expect(said(await retired.refresh(ofRetired.refreshToken))).toBe('400 invalid_grant');
      expect(await userinfo(ofRetired)).toBe(401);
    });
  });

  describe('After the exchange was taken out', () => {
    let subject: Tokens;
    let before: string;
    beforeAll(async () => {
      subject = await client.connect();
      before = await exchanged(subject.accessToken);
      await server.restart(configured({ exchange: 'none' }));
    });
    afterAll(() => server.restart(configured()));

    test('a token got by it is inactive, and no other one is given', async () => {
      expect(await introspected(before, asKeys)).toBe(INACTIVE);
      expect(said(await exchange(subject.accessToken))).toBe('401 invalid_client');
    });

    test('and put in again, both work', async () => {
      await server.restart(configured());
      expect(await introspected(before, asKeys)).toBe('200 keys:read');
      expect(said(await exchange(subject.accessToken))).toBe('200 keys:read');
    });
  });

  describe('With an entry that says which scope needs which', () => {
    beforeAll(() => server.restart(configured({ exchange: { 'keys:read': ['mcp:read'], list: ['mcp:read'] } })));

    test('a token gets what its scopes reach', async () => {
      const both = await client.connect();
      expect(said(await exchange(both.accessToken))).toBe('200 keys:read');
      const { accessToken } = tokensOf(await client.refresh(both.refreshToken, { scope: 'mcp:write' }));
      expect(said(await exchange(accessToken))).toBe('400 invalid_scope');
    });

    test('a scope that both resources have is held by the token, or not given', async () => {
      const { accessToken } = await client.connect({}, { scope: 'mcp:read list' });
      expect(said(await exchange(accessToken))).toBe('200 keys:read list');
    });

    test('the page names what the scopes asked for reach', async () => {
      const shown = async (scope: string) => abilities(await new Person().openConsent(client.authorize({ scope }).url));
      expect(await shown('mcp:write')).toEqual(['Add notes']);
      expect(await shown('mcp:read')).toEqual(['Read the notes', expect.stringContaining('Read the keys')]);
      const other = await TestClient.register(server, TOOLS);
      const { accessToken } = await other.connect({}, { scope: 'mcp:write' });
      expect(said(await exchange(accessToken))).toBe('400 invalid_target');
    });
  });

  test('what was put back works again: nothing was used up', async () => {
    await server.restart(configured());
    expect(await introspected(agents.accessToken)).toBe('200 mcp:read mcp:write');
    expect(said(await writer.refresh(onlyWriting.refreshToken))).toBe('200 openid offline_access mcp:write');
    expect(said(await agent.exchange(agentsUnused.code, agentsUnused.verifier))).toBe('200 mcp:read mcp:write');
    expect(said(await agent.refresh(agents.refreshToken))).toBe('200 mcp:read mcp:write');
    expect(said(await retired.refresh(ofRetired.refreshToken))).toBe('200 openid mcp:read');
  });
});
