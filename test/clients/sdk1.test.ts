/** The MCP TypeScript SDK 1.x: registers whatever its host says of itself, and runs for real. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { removeConnection } from '../support/account.js';
import { basic, request } from '../support/client.js';
import { describeRows, RESOURCE, registerWith } from '../support/clientRow.js';
import { type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { connectMcp, MemoryAuth, whoAmI } from '../support/mcpClient.js';
import { Person, signInAndConsent } from '../support/person.js';

const requests = {
  redirectUri: 'http://localhost:3030/callback',
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows(
  {
    'a host that tells its name and address only': {
      registration: JSON.stringify({ client_name: 'My agent', redirect_uris: ['http://localhost:3030/callback'] }),
      registered: {
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      ...requests,
    },
    'a host that sends null and empty texts': {
      registration:
        '{"client_name":"My agent","redirect_uris":["http://localhost:3030/callback"],"logo_uri":null,"client_uri":"","tos_uri":null,"scope":null,"contacts":null,"grant_types":null,"jwks_uri":""}',
      ...requests,
    },
    'asking for offline_access, with prompt=consent': {
      registration: JSON.stringify({ client_name: 'My agent', redirect_uris: ['http://localhost:3030/callback'] }),
      ...requests,
      authorize: { scope: 'mcp:read offline_access', prompt: 'consent', resource: RESOURCE },
      scope: 'mcp:read offline_access',
    },
  },
  (running) => {
    test('a secret that it asked for is sent unencoded in HTTP Basic, and no other is accepted', async () => {
      const { server } = running();
      const { json } = await registerWith(
        server,
        JSON.stringify({
          client_name: 'Confidential agent',
          redirect_uris: ['http://localhost:3030/callback'],
          token_endpoint_auth_method: 'client_secret_basic',
        }),
      );
      const refresh = (headers: Record<string, string>) =>
        request(server.url('/token'), {
          method: 'POST',
          headers,
          body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'none' }),
        });
      const right = await refresh(basic(String(json.client_id), String(json.client_secret)));
      expect(`${right.status} ${right.json.error}`).toBe('400 invalid_grant');
      const wrong = await refresh(basic(String(json.client_id), `${json.client_secret}x`));
      expect(`${wrong.status} ${wrong.json.error}`).toBe('401 invalid_client');
    });
  },
);

/** A host that wants to keep a secret. */
class ConfidentialAuth extends MemoryAuth {
  override readonly clientMetadata = {
    client_name: 'Confidential SDK host',
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: 'client_secret_basic',
  };
}

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('The real SDK 1.x, on an issuer %s', (_where, issuerPath) => {
  let both: ServerWithDemo;
  beforeAll(async () => {
    both = await startServerWithDemo({ issuerPath });
  });
  afterAll(() => both?.stop());

  test.each([
    ['public', () => new MemoryAuth()],
    ['confidential', () => new ConfidentialAuth()],
  ])('a %s host connects, refreshes, and connects again after a removal', async (_kind, newAuth) => {
    const auth = newAuth();
    const client = await connectMcp(both.resource, auth);
    const { connection } = await whoAmI(client);
    const clientId = auth.stored.client?.client_id;

    await both.server.advance(61 * 60_000);
    expect((await whoAmI(client)).connection).toBe(connection);
    expect(auth.opened).toHaveLength(1);
    await client.close();

    const person = new Person();
    await person.signIn(await person.open(both.server.url('/login')));
    await removeConnection(both.server, person, connection);
    const again = await connectMcp(both.resource, auth);
    expect((await whoAmI(again)).connection).not.toBe(connection);
    expect(auth.opened).toHaveLength(2);
    expect(auth.stored.client?.client_id).toBe(clientId);
    await again.close();
  });

  test('steps up: asks for the missing scope alone, as the MCP server names it, and the token has the others too', async () => {
    const auth = new MemoryAuth();
    auth.narrowedTo = 'mcp:read';
    await (await connectMcp(both.resource, auth)).close();
    expect(auth.stored.tokens?.scope).toBe('mcp:read');
    // With a refresh token it refreshes instead, is refused again with the same scope, and gives up.
    delete auth.stored.tokens?.refresh_token;
    // The demo names what the token has as well; this is an MCP server that names what is missing alone.
    const fetchFromIt = async (url: string | URL, init?: RequestInit): Promise<Response> => {
      const response = await fetch(url, init);
      const challenge = response.headers.get('www-authenticate')?.replace('mcp:read mcp:write', 'mcp:write');
      if (response.status !== 403 || challenge === undefined) return response;
      return new Response(await response.text(), { status: 403, headers: { 'www-authenticate': challenge } });
    };
    const options = { authProvider: auth, fetch: fetchFromIt };
    const transport = new StreamableHTTPClientTransport(new URL(both.resource), options);
    const client = new Client({ name: 'sdk-test-host', version: '1.0.0' });
    await client.connect(transport as Transport);
    const addNote = () => client.callTool({ name: 'add_note', arguments: { text: 'stepped up' } });
    await expect(addNote()).rejects.toThrow();
    const url = auth.opened.at(-1);
    expect(url?.searchParams.get('scope')).toBe('mcp:write');
    const redirect = await signInAndConsent(url ?? '');
    await transport.finishAuth(redirect.searchParams.get('code') ?? '');
    expect(auth.stored.tokens?.scope).toBe('mcp:write mcp:read');
    expect((await addNote()).isError).not.toBe(true);
    expect((await whoAmI(client)).organization.name).toBe('Acme Robotics');
    await client.close();
  });

  test('MCP access off, used, and on again: no token is dropped, no browser opens, and the host says why', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth);
    const { connection } = await whoAmI(client);
    await directory(both.server, 'mcp-access', 'off', 'Acme Robotics');
    try {
      await expect(whoAmI(client)).rejects.toThrow(/^MCP access is switched off for this organization/);
      await expect(connectMcp(both.resource, auth)).rejects.toThrow(
        /^MCP access is switched off for this organization/,
      );
    } finally {
      await directory(both.server, 'mcp-access', 'on', 'Acme Robotics');
    }
    expect((await whoAmI(client)).connection).toBe(connection);
    await both.server.advance(61 * 60_000);
    expect((await whoAmI(client)).connection).toBe(connection);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('a host whose registration was forgotten registers again by itself', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth);
    auth.stored.client = { client_id: 'dcr_from-months-ago' };
    await both.server.advance(61 * 60_000);
    await expect(whoAmI(client)).rejects.toThrow();
    await client.close();
    const again = await connectMcp(both.resource, auth);
    expect(auth.stored.client?.client_id).toMatch(/^dcr_/);
    expect(auth.stored.client?.client_id).not.toBe('dcr_from-months-ago');
    expect((await whoAmI(again)).organization.name).toBe('Acme Robotics');
    await again.close();
  });
});
