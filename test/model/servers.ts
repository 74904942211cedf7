/** The servers that a model is compared with: their clock stands still, two resources, and no limit in the way. */
import { readFileSync } from 'node:fs';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import type { ServerOptions } from '../support/server.js';
import type { ModelResource } from './things.js';

const DAY = 86_400_000;
const often = { events: 1_000_000, seconds: 1 };
const { resources, resourceServers } = JSON.parse(readFileSync('config/default.json', 'utf8'));
const SIGNED = 'http://localhost:3002/mcp';

/** The scopes of the default config, so that both resources are alike but for their tokens. */
export const RESOURCES: readonly ModelResource[] = [
  { indicator: resources[0].indicator, format: 'opaque', defaultScope: 'mcp:read mcp:write', ttl: 3_600 },
  { indicator: SIGNED, format: 'signed', defaultScope: 'mcp:read mcp:write', ttl: 600 },
];

/**
 * The clock stands still but for the steps that move it, so the model knows every moment. It is ahead of the stores' own
 * clocks, by which MongoDB and Redis clean up.
 */
export const modelledServers = (): { options: ServerOptions; now: number } => {
  const now = Math.floor(Date.now() / 1_000) * 1_000 + 2 * DAY;
  const config = {
    resources: [...resources, { ...resources[0], indicator: SIGNED, name: 'Signed', accessTokenFormat: 'jwt' }],
    defaultResource: resources[0].indicator,
    resourceServers: [{ ...resourceServers[0], resources: RESOURCES.map(({ indicator }) => indicator) }],
    adminClients: ADMIN_CLIENTS,
    limits: {
      signInSession: 10 * 365 * 86_400,
      rates: {
        authorizationPerAddress: often,
        tokenPerClientAndAddress: often,
        registrationPerAddress: often,
        registrationInAll: often,
        signInPerAddress: often,
      },
    },
  };
  return { now, options: { config, env: { TEST_CLOCK_STANDS_AT: String(now), LOG_LEVEL: 'error' } } };
};
