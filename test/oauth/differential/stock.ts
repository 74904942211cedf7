/** oidc-provider's own introspection, on the same stores as the server under test and without this server's rules. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import { tokenHash } from '../../../src/ids.js';
import { secretMatches } from '../../../src/oauth/clientSecret.js';
import { accessTokens } from '../../../src/oauth/tokens/accessToken.js';
import { clients } from '../../../src/stores/records/client.js';
import { connections } from '../../../src/stores/records/connection.js';
import { refreshTokens } from '../../../src/stores/records/refreshToken.js';
import type { Stores } from '../../../src/stores/stores.js';

const seconds = (ms: number): number => Math.floor(ms / 1_000);

const notWritten = async (): Promise<void> => undefined;
const finding = (find: (id: string) => Promise<AdapterPayload | undefined>): Adapter => ({
  find,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  upsert: notWritten,
  consume: notWritten,
  destroy: notWritten,
  revokeByGrantId: notWritten,
});

function adapterOf({ durable, volatile }: Stores): AdapterFactory {
  const adapters: Record<string, Adapter> = {
    Client: finding(async (id) => (await durable.get(clients, id))?.metadata),
    Grant: finding(async (id) => {
      const found = await durable.get(connections, id);
      if (!found) return undefined;
      const { accountId, clientId } = found;
      return { kind: 'Grant', jti: id, accountId, clientId, exp: seconds(found.expiresAt) };
    }),
    AccessToken: finding(async (jti) => {
      const found = await volatile.get(accessTokens, jti);
      if (!found) return undefined;
      const { accountId, clientId, scope, audience: aud, issuedAt: iat, expiresAt: exp } = found;
      return { kind: 'AccessToken', jti, grantId: found.connectionId, accountId, clientId, scope, aud, iat, exp };
    }),
    RefreshToken: finding(async (jti) => {
      const found = await durable.get(refreshTokens, tokenHash(jti));
      if (!found) return undefined;
      const { accountId, clientId, scope, connectionId: grantId } = found;
      const times = { iat: seconds(found.issuedAt), exp: seconds(found.keptUntil) };
      return { kind: 'RefreshToken', jti, grantId, accountId, clientId, scope, ...times };
    }),
  };
  return (model) => adapters[model] ?? finding(async () => undefined);
}

export interface Stock {
  readonly url: string;
  close(): void;
}

/**
 * Starts it in this process.
 * @param issuer that of the server under test
 * @param servers id and secret of the resource servers
 */
export async function startStock(
  stores: Stores,
  issuer: string,
  servers: readonly { readonly id: string; readonly secret: string }[],
): Promise<Stock> {
  const provider = new Provider(issuer, {
    adapter: adapterOf(stores),
    clients: servers.map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [],
      response_types: [],
      grant_types: [],
      // The library lets a client authenticate in one way; ours in both.
      token_endpoint_auth_method: 'client_secret_basic' as const,
    })),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      rpMetadataChoices: { enabled: true },
    },
    routes: { introspection: '/introspect' },
  });
  provider.Client.prototype.compareClientSecret = function (secret) {
    return this.clientSecret === secret || secretMatches(secret, this.clientSecret);
  };
  const handle = provider.callback();
  const listener = createServer((req, res) => {
    stores.beginRequest();
    void handle(req, res);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/introspect`,
    close: () => {
      listener.close();
      listener.closeAllConnections();
    },
  };
}
