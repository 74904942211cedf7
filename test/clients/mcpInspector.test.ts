/** MCP Inspector: registers with an empty scope. */
import { describeRows, RESOURCE } from '../support/clientRow.js';

describeRows({
  'dynamic registration': {
    registration: JSON.stringify({
      redirect_uris: ['http://127.0.0.1:6276/oauth/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'MCP Inspector',
      client_uri: 'https://github.com/modelcontextprotocol/inspector',
      application_type: 'native',
      scope: '',
    }),
    registered: { redirect_uris: ['http://127.0.0.1:6276/oauth/callback'], application_type: 'native' },
    redirectUri: 'http://127.0.0.1:6276/oauth/callback',
    authorize: { resource: RESOURCE },
    exchange: { resource: RESOURCE },
    refresh: { resource: RESOURCE },
    scope: 'mcp:read mcp:write',
  },
});
