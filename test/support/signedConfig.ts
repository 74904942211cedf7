/** A configuration with resources of every token format, and a resource server that exchanges tokens. */
import { basic } from './client.js';

export const OPAQUE = 'https://opaque.example.com/mcp';
export const RS256 = 'https://signed.example.com/';
export const ES256 = 'https://elliptic.example.com/mcp';
export const ADMIN = 'https://admin.example.com/api/';

/** Serves the three MCP resources, and may get tokens for the admin API. */
export const EXCHANGER = { id: 'mcp-server', secret: 'secret-of-the-mcp-server' };
/** Serves the admin API. */
export const ADMIN_API = { id: 'admin-api', secret: 'secret-of-the-admin-api' };
/** Serves one MCP resource too, and may exchange nothing. */
export const BYSTANDER = { id: 'bystander', secret: 'secret-of-the-bystander' };

export const asServer = ({ id, secret }: { id: string; secret: string }) => basic(id, secret);

const scopes = { 'mcp:use': 'Use the tools', 'mcp:admin': 'Change the settings of the tools' };
const mcp = (indicator: string, more: object) => ({
  indicator,
  name: `Tools at ${new URL(indicator).hostname}`,
  scopes,
  defaultScopes: ['mcp:use'],
  ...more,
});

export const SIGNED_CONFIG = {
  resources: [
    mcp(OPAQUE, {}),
    mcp(RS256, { accessTokenFormat: 'jwt' }),
    mcp(ES256, { accessTokenFormat: 'jwt', accessTokenSigningAlg: 'ES256', accessTokenTtl: 200 }),
    {
      indicator: ADMIN,
      name: 'Admin API',
      scopes: {
        'keys:read': 'List your keys',
        'keys:write': 'Make and remove keys',
        'billing:write': 'Change the plan',
      },
      defaultScopes: ['keys:read'],
    },
  ],
  defaultResource: OPAQUE,
  resourceServers: [
    {
      clientId: EXCHANGER.id,
      clientSecrets: [EXCHANGER.secret],
      resources: [OPAQUE, RS256, ES256],
      exchangeFor: [{ resource: ADMIN, scopes: ['keys:read', 'keys:write'] }],
    },
    { clientId: ADMIN_API.id, clientSecrets: [ADMIN_API.secret], resources: [ADMIN] },
    { clientId: BYSTANDER.id, clientSecrets: [BYSTANDER.secret], resources: [OPAQUE] },
  ],
};
