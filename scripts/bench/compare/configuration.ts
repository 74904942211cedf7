/** The configuration of this server under load: that of the demo, an API for which it exchanges, and no rate limit. */
import { writeFile } from 'node:fs/promises';
import { RESOURCE } from '../growth/population.js';

/** The resource server that asks: its id and secret with a colon between them. */
export const API = 'api-server:secret-of-the-api-server';

export const BEHIND = 'http://localhost:3002/api';

const resource = (indicator: string, scopes: readonly string[]) => ({
  indicator,
  // An RS256 signature takes eight times as long; it is the default because every resource server verifies it.
  accessTokenSigningAlg: 'ES256',
  name: indicator,
  scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])),
  defaultScopes: scopes,
});

const [clientId = '', secret = ''] = API.split(':');

const CONFIGURATION = {
  resources: [resource(RESOURCE, ['mcp:read', 'mcp:write']), resource(BEHIND, ['read'])],
  defaultResource: RESOURCE,
  resourceServers: [
    {
      clientId,
      clientSecrets: [secret],
      resources: [RESOURCE],
      exchangeFor: [{ resource: BEHIND, scopes: ['read'] }],
    },
  ],
  // Everything comes from one address.
  limits: {
    rates: Object.fromEntries(
      [
        'authorizationPerAddress',
        'tokenPerClientAndAddress',
        'registrationPerAddress',
        'registrationInAll',
        'changePerAccount',
        'consentPerAccount',
        'refreshPerConnection',
        'refreshPerAccount',
      ].map((name) => [name, { events: 1_000_000_000, seconds: 60 }]),
    ),
  },
};

/** Writes it to a file. */
export const writeConfiguration = (path: string): Promise<void> => writeFile(path, JSON.stringify(CONFIGURATION));
