/** Clients built on Java's `HttpClient`: over plain http they offer HTTP/2 with every request, those with a body included. */
import { expect, test } from '@jest/globals';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';
import { sendRaw } from '../support/raw.js';

const row = {
  registration: JSON.stringify({
    client_name: 'Java agent',
    redirect_uris: ['http://localhost:8080/authorize/oauth2/code/mcp'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  }),
  redirectUri: 'http://localhost:8080/authorize/oauth2/code/mcp',
  authorize: { scope: 'mcp:read', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read',
};

describeRows({ 'dynamic registration': row } satisfies Record<string, Row>, (running) => {
  test.each([
    ['/register', 'application/json', row.registration, 201],
    ['/token', 'application/x-www-form-urlencoded', 'grant_type=refresh_token&refresh_token=x', 401],
  ])('offers h2c at %s, and is answered in HTTP/1.1', async (path, type, body, status) => {
    const { server } = running();
    const url = new URL(server.url(path));
    const lines = [
      `POST ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'User-Agent: Java-http-client/21.0.4',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    expect((await sendRaw(server.port, `${lines.join('\r\n')}\r\n\r\n${body}`)).status).toBe(status);
  });
});
