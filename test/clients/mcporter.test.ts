/** mcporter 0.12: what `mcporter auth` and `mcporter call` sent; it registers again with every port that it listens on. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

describeRows({
  'dynamic registration': {
    registration:
      '{"client_name":"mcporter (localhost-mcp)","redirect_uris":["http://127.0.0.1:46689/callback"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none","scope":"mcp:read mcp:write"}',
    registered: { client_name: 'mcporter (localhost-mcp)' },
    redirectUri: 'http://127.0.0.1:46689/callback',
    // The state is the same at every sign-in.
    authorize: { scope: 'mcp:read mcp:write', state: '368a6f26-93de-4002-8208-2b3049a23017', resource: RESOURCE },
    exchange: { resource: RESOURCE },
    refresh: { resource: RESOURCE },
    scope: 'mcp:read mcp:write',
  },
} satisfies Record<string, Row>);
