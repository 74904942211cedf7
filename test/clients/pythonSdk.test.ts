/** The MCP Python SDK 1.x: with a secret it sends HTTP Basic and names itself in the body as well. */
import { expect, test } from '@jest/globals';
import { basic, form, request } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const metadata = (redirectUri: string) => ({
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  client_name: 'Python agent',
  scope: 'mcp:read mcp:write',
});

const requests = {
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

const WEB = 'https://agents.example.com/callback';

const rows = {
  'on a device': {
    registration: JSON.stringify(metadata('http://localhost:3030/callback')),
    registered: { token_endpoint_auth_method: 'none' },
    redirectUri: 'http://localhost:3030/callback',
    ...requests,
  },
  'on the web: Basic, and client_id in the body': {
    registration: JSON.stringify(metadata(WEB)),
    registered: { token_endpoint_auth_method: 'client_secret_basic', client_secret: expect.any(String) },
    redirectUri: WEB,
    ...requests,
  },
  'on the web: the secret in the body': {
    registration: JSON.stringify({ ...metadata(WEB), token_endpoint_auth_method: 'client_secret_post' }),
    registered: { token_endpoint_auth_method: 'client_secret_post', client_secret: expect.any(String) },
    redirectUri: WEB,
    secretBy: 'body',
    ...requests,
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test('Basic of one client with another client_id in the body is refused', async () => {
    const { server, install } = running();
    const [one, two] = await Promise.all([
      install(rows['on the web: Basic, and client_id in the body']),
      install(rows['on the web: Basic, and client_id in the body']),
    ]);
    const answer = await request(server.url('/token'), {
      method: 'POST',
      headers: basic(one.clientId, one.secret ?? ''),
      body: form({ grant_type: 'refresh_token', refresh_token: 'x', client_id: two.clientId }),
    });
    expect(`${answer.status} ${answer.json.error}`).toMatch(/^40[01] invalid_(client|request)$/);
  });
});
