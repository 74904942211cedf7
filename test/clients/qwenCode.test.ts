/** Qwen Code 0.24: what its MCP OAuth provider sent. It compares no `iss`, and registers a field that RFC 7591 does not know. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const row = {
  registration:
    '{"client_name":"Qwen Code MCP Client","redirect_uris":["http://localhost:7777/oauth/callback"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none","code_challenge_method":["S256"],"scope":"mcp:read mcp:write"}',
  registered: { client_name: 'Qwen Code MCP Client', token_endpoint_auth_method: 'none' },
  redirectUri: 'http://localhost:7777/oauth/callback',
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows({
  'dynamic registration': row,
  'refreshing with the scopes of its settings': {
    ...row,
    refresh: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  },
} satisfies Record<string, Row>);
