/** LibreChat: asks again at refresh for every scope that it requested, `offline_access` included. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const CALLBACK = 'https://chat.example.com/api/mcp/demo/oauth/callback';
const SCOPE = 'mcp:read mcp:write openid profile email offline_access';

const row = {
  registration: JSON.stringify({
    client_name: 'LibreChat MCP Client',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    logo_uri: undefined,
    tos_uri: undefined,
    scope: SCOPE,
  }),
  redirectUri: CALLBACK,
  authorize: { scope: SCOPE, resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { scope: SCOPE, resource: RESOURCE },
  scope: SCOPE,
};

describeRows({
  'every scope of the metadata': row,
  'a scope of which the resource knows a part': {
    ...row,
    authorize: { scope: 'mcp:read files:read offline_access', resource: RESOURCE },
    refresh: { scope: 'mcp:read files:read offline_access', resource: RESOURCE },
    scope: 'mcp:read offline_access',
  },
} satisfies Record<string, Row>);
