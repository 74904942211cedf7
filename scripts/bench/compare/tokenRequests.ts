/** Token requests that will be granted: refresh tokens, codes and access tokens of a population, and the client they belong to. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import { expiresOneMonthAfter } from '#src/connections/expiresOneMonthAfter.js';
import { newIdInOrder, newSecret } from '#src/ids.js';
import { newRefreshToken } from '#src/oauth/tokens/refreshToken.js';
import { insert } from '#src/stores/durable.js';
import { clients } from '#src/stores/records/client.js';
import { type Connection, connections } from '#src/stores/records/connection.js';
import { refreshTokens } from '#src/stores/records/refreshToken.js';
import type { Stores } from '#src/stores/stores.js';
import { volatileKind } from '#src/stores/volatile.js';
import { connection, pick } from '../growth/population.js';
import { API, BEHIND } from './configuration.js';
import type { Asked } from './contestant.js';
import type { Signing } from './load.js';

/** A run that is disturbed again and again takes more than an hour. */
const DAY = 24 * 3_600_000;
const REDIRECT_URI = 'http://localhost:8765/callback';
const GRANTS = ['authorization_code', 'refresh_token'];

/** The clients of the population's connections. */
export async function addClients(stores: Stores, total: number): Promise<void> {
  const ids = new Set(Array.from({ length: 10 }, (_, n) => connection(n, total).clientId));
  const now = Date.now();
  const metadata = {
    client_name: 'Some client',
    redirect_uris: [REDIRECT_URI],
    grant_types: GRANTS,
    token_endpoint_auth_method: 'none',
  };
  await stores.durable.commit(
    [...ids].map((id) =>
      insert(clients, { id, metadata: { client_id: id, ...metadata }, createdAt: now, keptUntil: now + DAY }),
    ),
  );
}

const post = (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Asked => ({
  path: '/token',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(parameters).toString(),
});

/** A client that signs, and its key. */
export async function addSigningClient(stores: Stores): Promise<Signing> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [id, now] = ['signing', Date.now()];
  const metadata = {
    client_id: id,
    client_name: 'Client that signs',
    redirect_uris: [REDIRECT_URI],
    grant_types: GRANTS,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicKey.export({ format: 'jwk' })] },
  };
  await stores.durable.commit([insert(clients, { id, metadata, createdAt: now, keptUntil: now + DAY })]);
  return { clientId: id, privateJwk: privateKey.export({ format: 'jwk' }) };
}

/**
 * So many first refreshes, each of another connection.
 * @param clientId makes connections of that client for them, in place of those of the population
 */
export async function refreshes(stores: Stores, total: number, count: number, clientId?: string): Promise<Asked[]> {
  const own = Array.from({ length: count }, (_, n): Connection => {
    const known = connection(n % total, total);
    return clientId === undefined ? known : { ...known, id: newIdInOrder('con', Date.now()), clientId };
  });
  if (clientId !== undefined) await stores.durable.commit(own.map((one) => insert(connections, one)));
  const made = own.map(newRefreshToken);
  await stores.durable.commit(made.map(({ record }) => insert(refreshTokens, record)));
  return made.map(({ value, record }) =>
    post({ grant_type: 'refresh_token', client_id: record.clientId, refresh_token: value }),
  );
}

const codes = volatileKind('authorization-code', z.record(z.string(), z.unknown()));

/** Of so many codes that are made one after the other any may be exchanged next: clients are not equally quick. */
const OUT_OF_ORDER = 1_024;

/** Deals each stretch of that length out, the same way in each run. */
const outOfOrder = <T>(made: readonly T[]): T[] =>
  made.map((one, n) => {
    const start = n - (n % OUT_OF_ORDER);
    return made[start + (((n % OUT_OF_ORDER) * 641) % OUT_OF_ORDER)] ?? one;
  });

/** So many code exchanges, each of a pending connection of its own; give a multiple of 1,024. */
export async function codeExchanges(stores: Stores, total: number, count: number): Promise<Asked[]> {
  const made = Array.from({ length: count }, async (_, n) => {
    const createdAt = Date.now();
    // As consent leaves it: what is begun together ends together, so a commit's entries stand side by side.
    const pending: Connection = {
      ...connection(pick(n, total), total),
      id: newIdInOrder('con', createdAt),
      status: 'pending',
      createdAt,
      expiresAt: expiresOneMonthAfter(createdAt),
      keptUntil: createdAt + DAY,
    };
    const [code, verifier] = [newSecret(), newSecret()];
    const iat = Math.floor(Date.now() / 1_000);
    const payload = {
      kind: 'AuthorizationCode',
      accountId: pending.accountId,
      clientId: pending.clientId,
      grantId: pending.id,
      redirectUri: REDIRECT_URI,
      codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
      codeChallengeMethod: 'S256',
      scope: pending.scope,
      resource: pending.resource,
      iat,
      exp: iat + DAY / 1_000,
    };
    await stores.volatile.set(codes, code, payload, payload.exp * 1_000);
    await stores.durable.commit([insert(connections, pending)]);
    return post({
      grant_type: 'authorization_code',
      client_id: pending.clientId,
      redirect_uri: REDIRECT_URI,
      code,
      code_verifier: verifier,
    });
  });
  return outOfOrder(await Promise.all(made));
}

/** Exchanges of access tokens for tokens of the API behind. */
export const tokenExchanges = (accessTokens: readonly string[]): Asked[] =>
  accessTokens.map((token) =>
    post(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: BEHIND,
      },
      { authorization: `Basic ${Buffer.from(API).toString('base64')}` },
    ),
  );
