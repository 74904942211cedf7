/** oidc-provider as it comes, in memory: its own introspection and its own refresh. */
import Provider from 'oidc-provider';
import type { Asked } from '../contestant.js';
import { introspectionOf, type Sample } from '../samples.js';
import { mapAdapter } from './mapAdapter.js';
import { input, listening } from './ready.js';

export interface StockInput {
  readonly samples: readonly Sample[];
  /** How many refresh tokens to make; with some, it is asked to refresh and not to introspect. */
  readonly refreshTokens: number;
}

const RESOURCE = 'http://localhost:3001/mcp';
const API = 'api-server:secret-of-the-api-server';
const [apiId = '', apiSecret = ''] = API.split(':');

const provider = new Provider('http://localhost:3000', {
  adapter: mapAdapter(),
  clients: [
    { client_id: apiId, client_secret: apiSecret, redirect_uris: [], response_types: [], grant_types: [] },
    {
      client_id: 'client',
      redirect_uris: ['http://localhost:8765/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  ],
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'mcp:read mcp:write', audience: RESOURCE, accessTokenFormat: 'opaque' }),
    },
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  // Public clients' refresh tokens rotate at each use by default too; this says so.
  rotateRefreshToken: true,
  routes: { introspection: '/introspect' },
});

async function tokens(n: number) {
  const client = await provider.Client.find('client');
  if (!client) throw new Error('There is no client.');
  const accountId = `acc_${n}`;
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addResourceScope(RESOURCE, 'mcp:read mcp:write');
  const own = {
    accountId,
    client,
    grantId: await grant.save(),
    scope: 'mcp:read mcp:write',
    gty: 'authorization_code',
  };
  const access = new provider.AccessToken(own);
  access.resourceServer = new provider.ResourceServer(RESOURCE, { scope: own.scope, audience: RESOURCE });
  const refresh = new provider.RefreshToken({ ...own, resource: RESOURCE });
  return { access: await access.save(), refresh: await refresh.save() };
}

const refreshOf = (token: string): Asked => ({
  path: '/token',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: `grant_type=refresh_token&client_id=client&refresh_token=${token}`,
});

const { samples, refreshTokens } = await input<StockInput>();
const asked: Asked[] = [];
for (let n = 0; n < Math.max(samples.length, refreshTokens); n += 1) {
  const { access, refresh } = await tokens(n);
  asked.push(refreshTokens > 0 ? refreshOf(refresh) : introspectionOf(access, API));
}
// Connections that the load breaks off at the end of a round are nothing to report.
provider.silent = true;
listening(provider.callback(), asked);
