/** LangChain's adapters: in JavaScript (@langchain/mcp-adapters 1.1.4) the TypeScript SDK 1.x asks, in Python fastmcp. */
import { describeRows, RESOURCE, type Row } from '../support/clientRow.js';

const requests = {
  authorize: { scope: 'mcp:read mcp:write', resource: RESOURCE },
  exchange: { resource: RESOURCE },
  refresh: { resource: RESOURCE },
  scope: 'mcp:read mcp:write',
};

describeRows({
  'JavaScript: the metadata of its authProvider as it is': {
    registration: JSON.stringify({
      client_name: 'LangChain agent',
      redirect_uris: ['http://127.0.0.1:45607/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'mcp:read mcp:write',
    }),
    redirectUri: 'http://127.0.0.1:45607/callback',
    ...requests,
  },
  'Python: fastmcp, which names no method of authentication': {
    registration: JSON.stringify({
      redirect_uris: ['http://localhost:52310/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'FastMCP Client',
      scope: 'mcp:read mcp:write',
    }),
    registered: { token_endpoint_auth_method: 'none' },
    redirectUri: 'http://localhost:52310/callback',
    ...requests,
  },
} satisfies Record<string, Row>);
