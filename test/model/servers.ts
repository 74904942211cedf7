/** The servers that a model is compared with: their clock stands still, two resources and another API, and no limit in the way. */
import { readFileSync } from 'node:fs';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import type { ServerOptions } from '../support/server.js';
import type { ModelConfiguration, ModelResource } from './things.js';

const DAY = 86_400_000;
const often = { events: 1_000_000, seconds: 1 };
const { resources, resourceServers } = JSON.parse(readFileSync('config/default.json', 'utf8'));
const SIGNED = 'http://localhost:3002/mcp';

/** The scopes of the default config, so that both resources are alike but for their tokens. */
export const RESOURCES: readonly ModelResource[] = [
  { indicator: resources[0].indicator, format: 'opaque', defaultScope: 'mcp:read mcp:write', ttl: 3_600 },
  { indicator: SIGNED, format: 'signed', defaultScope: 'mcp:read mcp:write', ttl: 600 },
];

/** What the servers start with, and each sequence. */
export const CONFIGURATION: ModelConfiguration = {
  scopes: ['mcp:read', 'mcp:write'],
  exchange: ['keys:read'],
  client: true,
};
export const PRE_REGISTERED = 'agent';
export const CALLBACK = 'http://127.0.0.1:8765/callback';
export const OTHER_API = {
  indicator: 'http://localhost:3003/api',
  clientId: 'other-api',
  secret: 'secret-of-other-api',
};
const UNUSED = 'http://localhost:3004/unused';

/** The configuration file of the servers. */
export function configFile({ scopes, exchange, client }: ModelConfiguration): object {
  const [first] = resources;
  const described = Object.fromEntries(scopes.map((scope) => [scope, first.scopes[scope]]));
  const mcp = { ...first, scopes: described, defaultScopes: scopes };
  const other = (indicator: string) => ({
    indicator,
    name: indicator,
    scopes: { 'keys:read': 'Read the keys', 'keys:write': 'Make keys' },
    defaultScopes: ['keys:read'],
  });
  return {
    resources: [
      mcp,
      { ...mcp, indicator: SIGNED, name: 'Signed', accessTokenFormat: 'jwt' },
      other(OTHER_API.indicator),
      other(UNUSED),
    ],
    defaultResource: first.indicator,
    resourceServers: [
      {
        ...resourceServers[0],
        resources: RESOURCES.map(({ indicator }) => indicator),
        exchangeFor: [
          // So that the server may exchange tokens whatever the other entry is.
          { resource: UNUSED, scopes: ['keys:read'] },
          ...(exchange.length > 0 ? [{ resource: OTHER_API.indicator, scopes: exchange }] : []),
        ],
      },
      { clientId: OTHER_API.clientId, clientSecrets: [OTHER_API.secret], resources: [OTHER_API.indicator] },
    ],
    adminClients: ADMIN_CLIENTS,
    clients: client
      ? [
          {
            client_id: PRE_REGISTERED,
            client_name: 'Raw test client',
            redirect_uris: [CALLBACK],
            token_endpoint_auth_method: 'none',
          },
        ]
      : [],
    limits: {
      signInSession: 10 * 365 * 86_400,
      rates: {
        authorizationPerAddress: often,
        changePerAccount: often,
        tokenPerClientAndAddress: often,
        refreshPerConnection: often,
        refreshPerAccount: often,
        registrationPerAddress: often,
        registrationInAll: often,
        signInPerAddress: often,
      },
    },
  };
}

/**
 * The clock stands still but for the steps that move it, so the model knows every moment. It is ahead of the stores' own
 * clocks, by which MongoDB and Redis clean up.
 */
export const modelledServers = (): { options: ServerOptions; now: number } => {
  const now = Math.floor(Date.now() / 1_000) * 1_000 + 2 * DAY;
  return {
    now,
    options: { config: configFile(CONFIGURATION), env: { TEST_CLOCK_STANDS_AT: String(now), LOG_LEVEL: 'error' } },
  };
};
