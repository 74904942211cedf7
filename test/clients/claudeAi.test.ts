/** claude.ai and Claude Desktop: a metadata document that lists a grant of its own, or dynamic registration. */
import { expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const CALLBACK = 'https://claude.ai/api/mcp/auth_callback';
const CALLBACK_COM = 'https://claude.com/api/mcp/auth_callback';

const requests = {
  redirectUri: CALLBACK,
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

const rows = {
  'metadata document that lists jwt-bearer': {
    document: {
      path: '/oauth/mcp-oauth-client-metadata',
      content: {
        client_name: 'Claude',
        client_uri: 'https://claude.ai',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    },
    ...requests,
  },
  'dynamic registration without application_type': {
    registration: JSON.stringify({
      client_name: 'Claude',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'claudeai',
      token_endpoint_auth_method: 'none',
    }),
    registered: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
    ...requests,
  },
  // The scope that it was registered with means nothing here, and is dropped like every unknown one.
  'dynamic registration, asking for a scope of its own': {
    registration: JSON.stringify({ client_name: 'Claude', redirect_uris: [CALLBACK], scope: 'claudeai' }),
    // It names no method and has web addresses alone (RFC 7591 §2).
    registered: { token_endpoint_auth_method: 'client_secret_basic', client_secret: expect.any(String) },
    ...requests,
    authorize: { scope: 'claudeai', resource: RESOURCE },
  },
  'the callback on claude.com, a blank before the scope': {
    registration: JSON.stringify({
      client_name: 'Claude',
      redirect_uris: [CALLBACK, CALLBACK_COM],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
    ...requests,
    redirectUri: CALLBACK_COM,
    authorize: { scope: ' offline_access', resource: RESOURCE },
    scope: 'mcp:read mcp:write offline_access',
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test('registers twice within a second: both registrations work', async () => {
    const { person, install } = running();
    const row = rows['dynamic registration without application_type'];
    for (const client of await Promise.all([install(row), install(row)]))
      expect((await client.exchange(await client.code(person))).status).toBe(200);
  });

  test('finds both conditions under which it uses its document', async () => {
    const { json } = await request(running().server.url('/.well-known/oauth-authorization-server'));
    expect(json.client_id_metadata_document_supported).toBe(true);
    expect(json.token_endpoint_auth_methods_supported).toContain('none');
  });

  test('learns by invalid_grant that a refresh token is dead', async () => {
    const client = await running().install(rows['metadata document that lists jwt-bearer']);
    await client.code(running().person);
    const answer = await client.refresh('a-token-from-long-ago');
    expect(`${answer.status} ${answer.json.error}`).toBe('400 invalid_grant');
  });
});
