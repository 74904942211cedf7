/** How long tokens live, how often they can be used, and what ends them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, introspect, TestClient, tokensOf } from '../support/client.js';
import { configFor, type TestConfig } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const RESOURCE = 'http://localhost:3001/mcp';
const OTHER_RESOURCE = 'https://other.example.com/mcp';
const OTHER_RESOURCE_SERVER = basic('other-server', 'secret-of-the-other-server');
const INACTIVE = '{"active":false}';

const withOtherResource = (config: TestConfig) => ({
  ...config,
  resources: [
    ...config.resources,
    {
      indicator: OTHER_RESOURCE,
      name: 'Other server',
      scopes: { 'other:read': 'Read other things' },
      defaultScopes: ['other:read'],
    },
  ],
  resourceServers: [
    ...config.resourceServers,
    { clientId: 'other-server', clientSecrets: ['secret-of-the-other-server'], resources: [OTHER_RESOURCE] },
  ],
});

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ config: withOtherResource(await configFor(RESOURCE)) });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

describe('a connection', () => {
  test('ends one calendar month after consent, with every token below it', async () => {
    const { refreshToken } = await client.connect();
    await server.advance(27 * DAY);
    const second = tokensOf(await client.refresh(refreshToken));
    await server.advance(4 * DAY + MINUTE);
    expect((await introspect(server, second.accessToken)).text).toBe(INACTIVE);
    const refused = await client.refresh(second.refreshToken);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe('invalid_grant');
  });

  test('is never outlived by a token: expires_in shrinks towards its end', async () => {
    const first = await client.connect();
    const { exp, iat } = (await introspect(server, first.accessToken)).json;
    expect(Number(exp) - Number(iat)).toBe(3600);
    expect(first.expiresIn).toBe(3600);

    const consent = new Date(Number(iat) * SECOND);
    const end = new Date(consent);
    end.setUTCMonth(end.getUTCMonth() + 1);
    if (end.getUTCDate() !== consent.getUTCDate()) end.setUTCDate(0);
    await server.advance(end.getTime() - consent.getTime() - 10 * MINUTE);

    const late = tokensOf(await client.refresh(first.refreshToken));
    expect(late.expiresIn).toBeGreaterThan(9 * 60);
    expect(late.expiresIn).toBeLessThanOrEqual(10 * 60);
    await server.advance(10 * MINUTE + SECOND);
    expect((await introspect(server, late.accessToken)).text).toBe(INACTIVE);
    expect((await client.refresh(late.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('that was never exchanged is gone after 15 minutes, and its code much earlier', async () => {
    const { code, verifier } = await client.code();
    await server.advance(16 * MINUTE);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
  });
});

describe('an access token', () => {
  test('expires after an hour', async () => {
    const { accessToken } = await client.connect();
    await server.advance(59 * MINUTE);
    expect((await introspect(server, accessToken)).json.active).toBe(true);
    await server.advance(2 * MINUTE);
    expect((await introspect(server, accessToken)).text).toBe(INACTIVE);
  });

  test('of another resource is unknown to a resource server, exactly like any other string', async () => {
    const other = await TestClient.register(server, OTHER_RESOURCE);
    const theirs = await other.connect();
    const ours = await client.connect();
    expect((await introspect(server, theirs.accessToken)).text).toBe(INACTIVE);
    expect((await introspect(server, ours.accessToken, OTHER_RESOURCE_SERVER)).text).toBe(INACTIVE);
    expect((await introspect(server, theirs.accessToken, OTHER_RESOURCE_SERVER)).json.aud).toBe(OTHER_RESOURCE);
    expect((await introspect(server, ours.refreshToken)).text).toBe(INACTIVE);
    expect((await introspect(server, 'nonsense')).text).toBe(INACTIVE);
    expect((await introspect(server, 'eyJhbGciOiJub25lIn0.e30.')).text).toBe(INACTIVE);
  });
});

describe('a code', () => {
  test('used a second time is refused, and the connection that the first use opened is removed', async () => {
    const { code, verifier } = await client.code();
    const { accessToken, refreshToken } = tokensOf(await client.exchange(code, verifier));
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).text).toBe(INACTIVE);
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
  });

  test.each([
    ['a wrong code_verifier', { code_verifier: 'w'.repeat(43) }],
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:8765/other' }],
    ['another resource', { resource: OTHER_RESOURCE }],
  ])('presented with %s is refused, and is not used up by that', async (_what, wrong) => {
    const { code, verifier } = await client.code();
    const refused = await client.exchange(code, verifier, wrong);
    expect(refused.status).toBe(400);
    expect(['invalid_grant', 'invalid_target']).toContain(refused.json.error);
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });

  test('presented many times at once opens one connection at most, and none remains usable', async () => {
    const { code, verifier } = await client.code();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.exchange(code, verifier)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });
});

describe('a refresh token', () => {
  test('repeated within the window gets the very same response, byte for byte', async () => {
    const { refreshToken } = await client.connect();
    const first = await client.refresh(refreshToken);
    await server.advance(20 * SECOND);
    const repeated = await client.refresh(refreshToken);
    expect(repeated.status).toBe(200);
    expect(repeated.text).toBe(first.text);
    expect((await introspect(server, tokensOf(repeated).accessToken)).json.active).toBe(true);
  });

  test('sent many times at once gets the very same response every time', async () => {
    const { refreshToken } = await client.connect();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.refresh(refreshToken)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
  });

  test('repeated after the window is reuse: refused, and the connection is removed', async () => {
    const { refreshToken } = await client.connect();
    const successor = tokensOf(await client.refresh(refreshToken));
    await server.advance(31 * SECOND);
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
    expect((await introspect(server, successor.accessToken)).text).toBe(INACTIVE);
    expect((await client.refresh(successor.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('repeated within the window while MCP access is off is refused, and removes nothing', async () => {
    const { refreshToken } = await client.connect({ organization: 'Beacon Labs' });
    const first = await client.refresh(refreshToken);
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const refused = await client.refresh(refreshToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(`${refused.status} ${refused.json.error}`).toBe('403 access_denied');
    expect((await client.refresh(refreshToken)).text).toBe(first.text);
  });

  test('of one client is refused to another, and is not used up by that', async () => {
    const { refreshToken } = await client.connect();
    const other = await TestClient.register(server);
    expect((await other.refresh(refreshToken)).json.error).toBe('invalid_grant');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  test('asks for less scope at will and never for more', async () => {
    // It has no other connection, of which something would be kept.
    const reader = await TestClient.register(server);
    const { refreshToken } = await reader.connect({}, { scope: 'mcp:read' });
    const wider = await reader.refresh(refreshToken, { scope: 'mcp:read mcp:write' });
    expect(wider.json.error).toBe('invalid_scope');
    expect((await reader.refresh(refreshToken, { scope: 'mcp:read' })).json.scope).toBe('mcp:read');
  });
});

describe('revocation', () => {
  test.each(['accessToken', 'refreshToken'] as const)('of the %s ends the connection', async (which) => {
    const tokens = await client.connect();
    expect((await client.revoke(tokens[which])).status).toBe(200);
    expect((await introspect(server, tokens.accessToken)).text).toBe(INACTIVE);
    expect((await client.refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('ends the connection also while MCP access is off', async () => {
    const tokens = await client.connect({ organization: 'Beacon Labs' });
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const answer = await client.revoke(tokens.refreshToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(answer.status).toBe(200);
    expect((await introspect(server, tokens.accessToken)).text).toBe(INACTIVE);
  });

  test('of an unknown token is 200, and of somebody else’s changes nothing', async () => {
    expect((await client.revoke('nonsense')).status).toBe(200);
    // RFC 7009 §2.2: an invalid token is no error, whatever it looks like.
    expect((await client.revoke('eyJhbGciOiJub25lIn0.e30.')).status).toBe(200);
    const tokens = await client.connect();
    const other = await TestClient.register(server);
    await other.revoke(tokens.accessToken);
    await other.revoke(tokens.refreshToken);
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
  });

  test('leaves the other connections of the same client alone', async () => {
    const one = await client.connect();
    const two = await client.connect();
    await client.revoke(one.refreshToken);
    expect((await introspect(server, two.accessToken)).json.active).toBe(true);
  });
});
