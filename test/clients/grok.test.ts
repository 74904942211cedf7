/** Grok: a metadata document whose callbacks end in a slash, which counts. */
import { expect, test } from '@jest/globals';
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';
import { Person } from '../support/person.js';

const CALLBACK = 'https://grok.com/oauth/mcp/callback/';

const row = {
  document: {
    path: '/oauth/mcp-client.json',
    content: {
      client_name: 'Grok',
      client_uri: 'https://grok.com',
      redirect_uris: [CALLBACK, 'https://grok.com/connectors/callback/'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
  },
  redirectUri: CALLBACK,
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows({ 'metadata document': row } satisfies Record<string, Row>, (running) => {
  test('without its final slash the callback is another one, and the person stays here', async () => {
    const { server, install } = running();
    const client = await install(row);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: CALLBACK.slice(0, -1),
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const page = await new Person().open(`${server.url('/authorize')}?${query}`);
    expect({ status: page.status, leftFor: page.leftFor }).toEqual({ status: 400, leftFor: undefined });
  });
});
