/** Open WebUI: knows its client from the registration response alone, `scope` there included. */
import { expect, test } from '@jest/globals';
import { describeRows, RESOURCE, type Row, registerWith } from '../support/clientRow.js';

const CALLBACK = 'https://webui.example.com/oauth/clients/mcp:demo/callback';
const SCOPE = 'mcp:read mcp:write openid profile email offline_access';

const REGISTRATION = JSON.stringify({
  client_name: 'Open WebUI',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
  scope: SCOPE,
});

const row = {
  registration: REGISTRATION,
  registered: { token_endpoint_auth_method: 'client_secret_post', client_secret: expect.any(String), scope: SCOPE },
  redirectUri: CALLBACK,
  secretBy: 'body',
  authorize: { scope: SCOPE, resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: SCOPE,
} satisfies Row;

describeRows({ 'dynamic registration': row }, (running) => {
  test('every member of the response that it keeps is there, and none is empty', async () => {
    const { json } = await registerWith(running().server, REGISTRATION);
    expect(json).toMatchObject({
      client_id: expect.any(String),
      client_secret_expires_at: 0,
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: SCOPE,
    });
    expect(Object.values(json)).not.toContain(null);
    expect(Object.values(json)).not.toContain('');
  });
});
