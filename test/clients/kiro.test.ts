/** Kiro CLI: `openid email offline_access` hard-coded, whatever the MCP server offers. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const HARD_CODED = 'openid email offline_access';

const row = {
  registration: JSON.stringify({
    client_name: 'Kiro CLI',
    redirect_uris: ['http://127.0.0.1:49153/oauth/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: HARD_CODED,
  }),
  redirectUri: 'http://127.0.0.1:49153/oauth/callback',
  authorize: { scope: HARD_CODED, resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { scope: HARD_CODED, resource: RESOURCE },
  // The default scopes of the resource are added, or no tool could be called.
  scope: 'mcp:read mcp:write openid email offline_access',
  refreshedScope: 'openid email offline_access',
};

describeRows({
  'the scopes that it registered with': row,
  'no scope at refresh': {
    ...row,
    refresh: { resource: RESOURCE },
    refreshedScope: 'mcp:read mcp:write openid email offline_access',
  },
} satisfies Record<string, Row>);
