/** n8n: asks for `openid` by itself. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const CALLBACK = 'https://n8n.example.com/rest/oauth2-credential/callback';

const row = {
  registration: JSON.stringify({
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_name: 'n8n',
    client_uri: 'https://n8n.io/',
    scope: 'openid',
  }),
  redirectUri: CALLBACK,
  authorize: { scope: 'openid', resource: RESOURCE },
  exchange: {},
  refresh: {},
  scope: 'mcp:read mcp:write openid',
};

describeRows({
  'openid alone': row,
  'openid alone, no resource': { ...row, authorize: { scope: 'openid' } },
} satisfies Record<string, Row>);
