/** Claude Code: a metadata document with any loopback port, or a registration of its own for one port. */
import { expect, test } from '@jest/globals';
import { introspect, request, tokensOf } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const requests = {
  authorize: { scope: 'mcp:read mcp:write offline_access', prompt: 'consent', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write offline_access',
};

const DOCUMENT = {
  path: '/oauth/claude-code-client-metadata',
  content: {
    client_name: 'Claude Code',
    client_uri: 'https://claude.ai',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
};

const rows = {
  'metadata document, a random port of localhost': {
    document: DOCUMENT,
    redirectUri: 'http://localhost:54321/callback',
    ...requests,
  },
  'metadata document, a random port of 127.0.0.1': {
    document: DOCUMENT,
    redirectUri: 'http://127.0.0.1:61234/callback',
    ...requests,
  },
  'metadata document, where no scope is known': {
    // Another client id: with the same one it would keep what the rows above were granted.
    document: { ...DOCUMENT, path: '/oauth/another-claude-code-client-metadata' },
    redirectUri: 'http://localhost:54321/callback',
    ...requests,
    authorize: { resource: RESOURCE },
    scope: 'mcp:read mcp:write',
  },
  'dynamic registration': {
    registration: JSON.stringify({
      client_name: 'Claude Code (demo)',
      redirect_uris: ['http://localhost:54545/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      scope: 'mcp:read mcp:write offline_access',
    }),
    registered: {
      redirect_uris: ['http://localhost:54545/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    redirectUri: 'http://localhost:54545/callback',
    ...requests,
  },
  'over SSH: neither scope nor resource at refresh': {
    document: DOCUMENT,
    redirectUri: 'http://localhost:54321/callback',
    ...requests,
    refresh: {},
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test('over SSH: the callback address is pasted four minutes later, and several processes share one refresh token', async () => {
    const { server, person, install } = running();
    const client = await install(rows['over SSH: neither scope nor resource at refresh']);
    const code = await client.code(person);
    await server.advance(4 * 60_000);
    const { refreshToken } = tokensOf(await client.exchange(code));
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.refresh(refreshToken)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
  });

  test('finds in the metadata what it looks for before it uses its document', async () => {
    const { server } = running();
    const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
    expect(json).toMatchObject({
      issuer: server.issuer,
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none']),
      scopes_supported: expect.arrayContaining(['offline_access']),
    });
  });

  test('signs in again: revokes the refresh and then the access token, and reuses client_id and port', async () => {
    const { server, person, install } = running();
    const client = await install(rows['dynamic registration']);
    const tokens = tokensOf(await client.exchange(await client.code(person)));
    expect((await client.revoke(tokens.refreshToken, 'refresh_token')).status).toBe(200);
    // The first revocation ended the connection; the second one finds nothing, which is no error (RFC 7009 §2.2).
    expect((await client.revoke(tokens.accessToken, 'access_token')).status).toBe(200);
    expect((await introspect(server, tokens.accessToken)).json).toEqual({ active: false });
    const again = tokensOf(await client.exchange(await client.code(person)));
    expect((await introspect(server, again.accessToken)).json.active).toBe(true);
  });

  test('two installations share the client id of the document, and one removes nothing of the other', async () => {
    const { server, person, install } = running();
    const [one, two] = await Promise.all([
      install(rows['metadata document, a random port of localhost']),
      install(rows['metadata document, a random port of 127.0.0.1']),
    ]);
    const first = tokensOf(await one.exchange(await one.code(person)));
    const second = tokensOf(await two.exchange(await two.code(person)));
    expect(one.clientId).toBe(two.clientId);
    await one.revoke(first.refreshToken, 'refresh_token');
    expect((await introspect(server, first.accessToken)).json).toEqual({ active: false });
    expect((await introspect(server, second.accessToken)).json.active).toBe(true);
  });
});
