/** This server's introspection beside oidc-provider's own, on the same data: thousands of requests, the same answers, or a reason. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import type { Stores } from '../../src/stores/stores.js';
import { request, TestClient } from '../support/client.js';
import { counts, longest, seedFrom } from '../support/counts.js';
import { startServer, type TestServer } from '../support/server.js';
import { ADMIN_API, EXCHANGER, OPAQUE, RS256, SIGNED_CONFIG } from '../support/signedConfig.js';
import { type Case, cases, type Known, requestOf } from './differential/cases.js';
import { differences, type Said, said } from './differential/differences.js';
import { type Stock, startStock } from './differential/stock.js';
import { STATES, type State, seedState, type Tokens } from './differential/tokens.js';

let server: TestServer;
let stores: Stores;
let stock: Stock;
let known: Known;
beforeAll(async () => {
  server = await startServer({ config: SIGNED_CONFIG });
  stores = await openEmbeddedStores(join(server.dataDir, 'store'));
  stock = await startStock(stores, server.issuer, [EXCHANGER, ADMIN_API]);
  const { clientId } = await TestClient.register(server, OPAQUE);
  const { accessToken: signed } = await (await TestClient.register(server, RS256)).connect();
  const states = STATES.map(async (state) => [state, await seedState(stores, clientId, OPAQUE, state)] as const);
  const tokens = Object.fromEntries(await Promise.all(states)) as Record<State, Tokens>;
  known = { tokens, signed, publicClient: clientId, confidentialClient: await registerConfidential() };
});
afterAll(async () => {
  stock?.close();
  await stores?.close();
  await server?.stop();
});

async function registerConfidential(): Promise<Known['confidentialClient']> {
  const { json } = await request(server.url('/register'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: ['http://localhost:8765/callback'],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
  });
  return { id: String(json.client_id), secret: String(json.client_secret) };
}

const ask = async (url: string, one: Case): Promise<Said> => {
  // A Buffer, because fetch gives text a content type of its own.
  const { headers, body } = requestOf(one, known);
  return said(await request(url, { method: 'POST', headers, body }));
};

test(
  `${counts.trials * 4} requests are answered as oidc-provider answers them, or differ in what docs/rules.md decides`,
  async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(cases, async (one) => {
      const [ours, stocks] = await Promise.all([ask(server.url('/introspect'), one), ask(stock.url, one)]);
      const difference = differences.find(({ applies }) => applies(one));
      expect(ours).toEqual(difference ? difference.ours(one, known) : stocks);
      if (difference && !isDeepStrictEqual(ours, stocks)) seen.add(difference.what);
    });
    await fc.assert(property, { numRuns: counts.trials * 4, seed: seedFrom('DIFFERENTIAL_SEED') });
    // A difference that no request shows any more is no difference.
    expect([...seen].sort()).toEqual(differences.map(({ what }) => what).sort());
  },
  longest,
);
