/** Copilot CLI 1.0: a metadata document, and `offline_access` as the only scope where the MCP server names none. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const DOCUMENT = {
  path: '/copilot/cli/client-metadata.json',
  content: {
    client_name: 'GitHub Copilot CLI',
    client_uri: 'https://github.com/features/copilot/cli',
    redirect_uris: ['http://127.0.0.1:33418/'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  },
};

const requests = {
  document: DOCUMENT,
  authorize: { scope: 'mcp:read mcp:write offline_access', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { scope: 'mcp:read mcp:write offline_access', resource: RESOURCE },
  scope: 'mcp:read mcp:write offline_access',
};

describeRows({
  'its usual port': { redirectUri: 'http://127.0.0.1:33418/', ...requests },
  'a random port': { redirectUri: 'http://127.0.0.1:49731/', ...requests },
  'offline_access alone: the default scopes are added': {
    redirectUri: 'http://127.0.0.1:33418/',
    ...requests,
    authorize: { scope: 'offline_access', resource: RESOURCE },
  },
  'registered by itself, a secret that it did not ask for': {
    registration: JSON.stringify({
      client_name: 'GitHub Copilot CLI',
      redirect_uris: ['http://127.0.0.1:33418/'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
    ...requests,
    document: undefined,
    redirectUri: 'http://127.0.0.1:33418/',
  },
} satisfies Record<string, Row>);
