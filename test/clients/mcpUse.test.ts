/** mcp-use 1.34 and use-mcp 0.0.21: what their provider for browsers registers; requests are those of the TypeScript SDK 1.x. */
import { expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const ORIGIN = 'https://agents.example.com';

const requests = {
  authorize: { resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

const registration = (redirectUri: string): string =>
  JSON.stringify({
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_name: 'mcp-use',
    client_uri: ORIGIN,
    logo_uri: 'https://mcp-use.com/logo.png',
  });

const rows = {
  'a page on the web': {
    registration: registration(`${ORIGIN}/oauth/callback`),
    redirectUri: `${ORIGIN}/oauth/callback`,
    ...requests,
  },
  'a page under development': {
    registration: registration('http://localhost:5173/oauth/callback'),
    redirectUri: 'http://localhost:5173/oauth/callback',
    ...requests,
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test.each(['/register', '/token', '/revoke'])('its page may post to %s from its own origin', async (path) => {
    const { server } = running();
    const preflight = await request(server.url(path), {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, mcp-protocol-version, x-custom',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });
});
