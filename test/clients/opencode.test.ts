/** opencode 1.18: what `opencode mcp auth` sent; it registers twice at every sign-in and uses the second registration. */
import { expect, test } from '@jest/globals';
import { describeRows, RESOURCE, type Row, registerWith } from '../support/clientRow.js';

const SCOPE = 'mcp:read mcp:write offline_access';

const REGISTRATION =
  '{"redirect_uris":["http://127.0.0.1:19876/mcp/oauth/callback"],"client_name":"OpenCode","client_uri":"https://opencode.ai","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none","scope":"mcp:read mcp:write offline_access"}';

const row = {
  registration: REGISTRATION,
  registered: { client_uri: 'https://opencode.ai', token_endpoint_auth_method: 'none' },
  redirectUri: 'http://127.0.0.1:19876/mcp/oauth/callback',
  authorize: { scope: SCOPE, prompt: 'consent', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: SCOPE,
};

describeRows(
  {
    'dynamic registration': row,
    'another query with the resource at refresh': { ...row, refresh: { resource: `${RESOURCE}?codemode=false` } },
    'a slash behind the resource': {
      ...row,
      authorize: { scope: SCOPE, prompt: 'consent', resource: `${RESOURCE}/` },
      exchange: { resource: `${RESOURCE}/` },
      refresh: { resource: `${RESOURCE}/` },
    },
  } satisfies Record<string, Row>,
  (running) => {
    test('two registrations within a moment are two clients, of which either works', async () => {
      const { server } = running();
      const answers = await Promise.all([registerWith(server, REGISTRATION), registerWith(server, REGISTRATION)]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(answers.map(({ json }) => json.client_id)).size).toBe(2);
    });
  },
);
