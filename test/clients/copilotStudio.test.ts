/** Microsoft 365 Copilot and Copilot Studio: registered once without a method of authentication, used by other people days later. */
import { expect, test } from '@jest/globals';
import { introspect, tokensOf } from '../support/client.js';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';
import { Person } from '../support/person.js';

const CALLBACK = 'https://global.consent.azure-apim.net/redirect/cr5a1-5fdemo-20mcp-5f8c1d2e3f4a5b6c7d';
const DAY_MS = 24 * 3_600_000;

const row = {
  registration: JSON.stringify({
    client_name: 'Copilot Studio connector',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }),
  registered: { token_endpoint_auth_method: 'client_secret_basic', client_secret: expect.any(String) },
  redirectUri: CALLBACK,
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows(
  { 'HTTP Basic': row, 'the secret in the body': { ...row, secretBy: 'body' } } satisfies Record<string, Row>,
  (running) => {
    test('its maker signs in once; others connect with the same registration two weeks later', async () => {
      const { server, person, install } = running();
      const client = await install(row);
      await client.code(person);
      await server.advance(14 * DAY_MS);
      const other = new Person('grace@example.com');
      const tokens = tokensOf(await client.exchange(await client.code(other)));
      expect((await introspect(server, tokens.accessToken)).json).toMatchObject({
        active: true,
        username: 'grace@example.com',
      });
    });
  },
);
