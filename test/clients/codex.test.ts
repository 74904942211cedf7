/** Codex 0.171 (rmcp): what `codex mcp login` and `codex app-server` sent, and what reports of older versions add. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const SCOPE = 'mcp:read mcp:write offline_access';

const requests = {
  authorize: { scope: SCOPE, resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { scope: SCOPE, resource: RESOURCE },
  scope: SCOPE,
};

/** The body as it was sent: a port of its own at every sign-in. */
const REGISTRATION =
  '{"client_name":"Codex","redirect_uris":["http://127.0.0.1:43899/callback"],"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none","response_types":["code"],"scope":"mcp:read mcp:write offline_access","application_type":"native"}';

const registered = { token_endpoint_auth_method: 'none', application_type: 'native' };

const DOCUMENT = {
  path: '/oauth/codex/client.json',
  content: {
    client_name: 'Codex',
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
};

describeRows({
  'metadata document, a random port': {
    document: DOCUMENT,
    redirectUri: 'http://127.0.0.1:36027/callback',
    ...requests,
  },
  'dynamic registration': {
    registration: REGISTRATION,
    registered,
    redirectUri: 'http://127.0.0.1:43899/callback',
    ...requests,
  },
  'the MCP URL with a slash added': {
    registration: REGISTRATION,
    registered,
    redirectUri: 'http://127.0.0.1:43899/callback',
    ...requests,
    authorize: { scope: SCOPE, resource: `${RESOURCE}/` },
    exchange: { resource: `${RESOURCE}/` },
    refresh: { scope: SCOPE, resource: `${RESOURCE}/` },
  },
  'no resource at refresh': {
    registration: REGISTRATION,
    registered,
    redirectUri: 'http://127.0.0.1:43899/callback',
    ...requests,
    refresh: { scope: SCOPE },
  },
  'offline_access at refresh alone, as where the MCP server names its scopes': {
    registration: REGISTRATION,
    registered,
    redirectUri: 'http://127.0.0.1:43899/callback',
    ...requests,
    authorize: { scope: 'mcp:read', resource: RESOURCE },
    refresh: { scope: 'mcp:read offline_access', resource: RESOURCE },
    scope: 'mcp:read',
  },
} satisfies Record<string, Row>);
