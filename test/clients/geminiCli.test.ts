/** Gemini CLI 0.61: what its MCP OAuth provider sent, and what reports add. */
import { expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const SCOPE = 'mcp:read mcp:write';
/** It asks for all of them, also where the MCP server's own metadata names fewer. */
const EVERY_SCOPE = `${SCOPE} openid profile email offline_access`;

const registration = (port: number): string =>
  `{"client_name":"Gemini CLI MCP Client","redirect_uris":["http://localhost:${port}/oauth/callback"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none","scope":"${EVERY_SCOPE}"}`;

const requests = {
  redirectUri: 'http://localhost:7777/oauth/callback',
  authorize: { scope: EVERY_SCOPE, resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: EVERY_SCOPE,
};

const rows = {
  'dynamic registration': { registration: registration(7777), ...requests },
  'a random port': {
    registration: registration(39571),
    ...requests,
    redirectUri: 'http://localhost:39571/oauth/callback',
  },
  'refreshing with the scopes of its settings': {
    registration: registration(7777),
    ...requests,
    authorize: { scope: `${SCOPE} offline_access`, resource: RESOURCE },
    refresh: { scope: `${SCOPE} offline_access`, resource: RESOURCE },
    scope: `${SCOPE} offline_access`,
  },
  'a slash behind the resource': {
    registration: registration(7777),
    ...requests,
    authorize: { scope: EVERY_SCOPE, resource: `${RESOURCE}/` },
    exchange: { resource: `${RESOURCE}/` },
    refresh: { resource: `${RESOURCE}/` },
  },
} satisfies Record<string, Row>;

describeRows(rows, (running) => {
  test('looks for where to register at the origin of the issuer, and finds it there whatever the path', async () => {
    const { server } = running();
    const { json } = await request(`${new URL(server.issuer).origin}/.well-known/oauth-authorization-server`);
    expect(json.registration_endpoint).toBe(server.url('/register'));
  });
});
