/** VS Code: a metadata document or a registration with a fixed port, of which it uses another when that is taken. */
import { expect, test } from '@jest/globals';
import { request, tokensOf } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const ALL_SCOPES = 'mcp:read mcp:write openid profile email offline_access';

const requests = {
  authorize: { scope: ALL_SCOPES, resource: RESOURCE },
  exchange: {},
  refresh: {},
  scope: ALL_SCOPES,
};

const DOCUMENT = {
  path: '/oauth/client-metadata.json',
  content: {
    client_name: 'Visual Studio Code',
    client_uri: 'https://vscode.dev/product',
    redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  },
};

const REGISTRATION = {
  registration: JSON.stringify({
    client_name: 'Visual Studio Code',
    client_uri: 'https://code.visualstudio.com',
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    response_types: ['code'],
    redirect_uris: [
      'https://insiders.vscode.dev/redirect',
      'https://vscode.dev/redirect',
      'http://127.0.0.1/',
      'http://127.0.0.1:33418/',
    ],
    scope: ALL_SCOPES,
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  }),
  registered: {
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [
      'https://insiders.vscode.dev/redirect',
      'https://vscode.dev/redirect',
      'http://127.0.0.1/',
      'http://127.0.0.1:33418/',
    ],
  },
};

const rows = {
  'metadata document, its usual port': { document: DOCUMENT, redirectUri: 'http://127.0.0.1:33418/', ...requests },
  'metadata document, a random port': { document: DOCUMENT, redirectUri: 'http://127.0.0.1:49152/', ...requests },
  'metadata document, in the browser': { document: DOCUMENT, redirectUri: 'https://vscode.dev/redirect', ...requests },
  'dynamic registration, its usual port': { ...REGISTRATION, redirectUri: 'http://127.0.0.1:33418/', ...requests },
  'dynamic registration, a random port': { ...REGISTRATION, redirectUri: 'http://127.0.0.1:49152/', ...requests },
  'dynamic registration, Insiders in the browser': {
    ...REGISTRATION,
    redirectUri: 'https://insiders.vscode.dev/redirect',
    ...requests,
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test('asks for all scopes of the metadata, and gets them', async () => {
    const { server } = running();
    const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
    expect(json.scopes_supported).toEqual(ALL_SCOPES.split(' '));
  });

  test('registers again only on invalid_client at refresh: a client that is known never gets that', async () => {
    const { server, person, install } = running();
    const client = await install(rows['dynamic registration, its usual port']);
    const { refreshToken } = tokensOf(await client.exchange(await client.code(person)));
    await client.revoke(refreshToken, 'refresh_token');
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'dcr_gone',
    });
    const unknown = await request(server.url('/token'), { method: 'POST', body });
    expect(`${unknown.status} ${unknown.json.error}`).toBe('401 invalid_client');
  });
});
