/** Coming as a client that signs without its key: other algorithms and keys, assertions for somebody else, or for ever. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportSPKI, importJWK } from 'jose';
import { type Answer, introspect, request, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { logged } from '../support/logged.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  asserted,
  type Changes,
  type ClientKey,
  newClientKey,
  outcome,
  registerSigning,
  type SigningClient,
  timeAt,
} from '../support/signingClient.js';

const RESOURCE = 'http://localhost:3001/mcp';
const OF_ONE_CLIENT = 90;

let server: TestServer;
let older: TestServer;
let keys: Record<'ES256' | 'RS256' | 'EdDSA', ClientKey>;
let client: SigningClient;
let refreshToken: string;
let accessToken: string;
beforeAll(async () => {
  const config = await configFor(RESOURCE);
  const rates = { clientFailuresPerClientAndAddress: { events: OF_ONE_CLIENT, seconds: 900 } };
  server = await startServer({ config: { ...config, limits: { rates } }, env: { TRUST_PROXY: '1' } });
  older = await startServer({ config: { ...config, clientPolicy: { tokenEndpointAudience: true } } });
  const [ES256, RS256, EdDSA] = await Promise.all([
    newClientKey('ES256'),
    newClientKey('RS256'),
    newClientKey('EdDSA'),
  ]);
  keys = { ES256, RS256, EdDSA };
  const jwks = { keys: Object.values(keys).map(({ publicJwk: { alg: _alg, ...jwk } }) => jwk) };
  client = await registerSigning(server, ES256, { jwks });
  ({ refreshToken, accessToken } = await client.connect(new Person()));
});
afterAll(async () => {
  await server?.stop();
  await older?.stop();
});

const b64 = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** The claims of an assertion in which all is right. */
const claims = async (): Promise<object> =>
  JSON.parse(Buffer.from((await client.assertion()).split('.')[1] ?? '', 'base64url').toString());
const refreshWith = (assertion: string): Promise<Answer> => client.plain.refresh(refreshToken, asserted(assertion));

/** Refused, and neither the refresh token nor the connection is used up. */
const isRefused = (answer: Answer): void => {
  expect(outcome(answer)).toBe('401 invalid_client');
  expect(answer.text).not.toContain('access_token');
};
const stillRefreshes = async (): Promise<void> => {
  ({ refreshToken, accessToken } = tokensOf(await client.refresh(refreshToken)));
  expect((await introspect(server, accessToken)).json.active).toBe(true);
};

describe('The algorithm', () => {
  test.each(['none', 'None', 'NONE', ''])('"%s" without a signature', async (alg) => {
    isRefused(await refreshWith(`${b64({ alg })}.${b64(await claims())}.`));
    await stillRefreshes();
  });

  test.each(['HS256', 'HS384', 'HS512'])('%s with a public key as the secret', async (alg) => {
    const { RS256 } = keys;
    const spki = await exportSPKI(
      (await importJWK({ ...RS256.publicJwk, alg: 'RS256' }, 'RS256', { extractable: true })) as Parameters<
        typeof exportSPKI
      >[0],
    );
    const secrets = [spki, spki.trim(), JSON.stringify(RS256.publicJwk), RS256.publicJwk.n ?? ''];
    const head = `${b64({ alg, kid: RS256.kid })}.${b64(await claims())}`;
    for (const secret of secrets) {
      const signature = createHmac(`sha${alg.slice(2)}`, secret)
        .update(head)
        .digest('base64url');
      isRefused(await refreshWith(`${head}.${signature}`));
    }
  });

  test.each(['RS256', 'PS256', 'EdDSA'])('%s in the header of what ES256 signed', async (alg) => {
    const signature = (await client.assertion()).split('.')[2];
    isRefused(await refreshWith(`${b64({ alg, kid: keys.ES256.kid })}.${b64(await claims())}.${signature}`));
  });

  test.each(['ES384', 'RS512'] as const)('%s, which is not offered', async (alg) => {
    isRefused(await client.with(await newClientKey(alg, keys.ES256.kid)).refresh(refreshToken));
  });

  test('a key of another type under the name of the right one', async () => {
    for (const kid of [keys.RS256.kid, keys.EdDSA.kid])
      isRefused(await client.refresh(refreshToken, {}, { header: { kid } }));
  });

  test('every key of the set works with its own', async () => {
    for (const key of Object.values(keys)) ({ refreshToken } = tokensOf(await client.with(key).refresh(refreshToken)));
  });
});

describe('The key', () => {
  test("a stranger's, under any name, or brought along in the header", async () => {
    const stranger = await newClientKey('ES256', keys.ES256.kid);
    const headers = [
      {},
      { kid: undefined },
      { jwk: stranger.publicJwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x5c' },
      { kid: '../../../../dev/null' },
    ];
    for (const header of headers) isRefused(await client.with(stranger).refresh(refreshToken, {}, { header }));
    await stillRefreshes();
  });

  test("another client's, which may sign for itself alone", async () => {
    const other = await registerSigning(server, await newClientKey(), {
      jwks: { keys: [(await newClientKey()).publicJwk] },
    });
    const mine = await registerSigning(server, other.key, { jwks: { keys: [other.key.publicJwk] } });
    for (const id of [client.clientId, mine.clientId]) {
      const changed = { claims: { iss: id, sub: id } };
      isRefused(await mine.refresh(refreshToken, { client_id: client.clientId }, changed));
    }
  });

  test('a changed signature, claim or letter', async () => {
    const [head = '', body = '', signature = ''] = (await client.assertion()).split('.');
    const other = b64({ ...(await claims()), sub: client.clientId });
    for (const text of [
      `${head}.${other}.${signature}`,
      `${head}.${body}.${signature.slice(0, -2)}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${body}.${signature}.x`,
      `${head}.${body}.${b64(Buffer.alloc(64).toString('latin1'))}`,
      `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    ])
      isRefused(await refreshWith(text));
    await stillRefreshes();
  });
});

describe('An assertion', () => {
  const at = (seconds: number) => timeAt(server) + seconds;
  const cases: [string, () => Changes][] = [
    ['for another server', () => ({ claims: { aud: 'https://other.example' } })],
    ['for this server with a slash', () => ({ claims: { aud: `${server.issuer}/` } })],
    ['for the token endpoint', () => ({ claims: { aud: server.url('/token') } })],
    ['for this server and another', () => ({ claims: { aud: [server.issuer, 'https://other.example'] } })],
    ['for this server twice', () => ({ claims: { aud: [server.issuer, server.issuer] } })],
    ['for nobody', () => ({ claims: { aud: undefined } })],
    ['for an empty list', () => ({ claims: { aud: [] } })],
    ['by another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['about another subject', () => ({ claims: { sub: 'dcr_other' } })],
    ['without an issuer', () => ({ claims: { iss: undefined } })],
    ['without an end', () => ({ claims: { exp: undefined } })],
    ['that has ended', () => ({ claims: { exp: at(-1) } })],
    ['that ends in two hours', () => ({ claims: { exp: at(7_200) } })],
    ['that ends never', () => ({ claims: { exp: 1e300 } })],
    ['whose end is text', () => ({ claims: { exp: String(at(60)) } })],
    ['that begins in two minutes', () => ({ claims: { nbf: at(120) } })],
    ['made in two minutes', () => ({ claims: { iat: at(120) } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['with an empty jti', () => ({ claims: { jti: '' } })],
    ['whose jti is a list', () => ({ claims: { jti: ['a'] } })],
    ['that is an access token', () => ({ header: { typ: 'at+jwt' } })],
    ['that is an id_token by its type', () => ({ header: { typ: 'id_token+jwt' } })],
    ['that is a DPoP proof', () => ({ header: { typ: 'dpop+jwt' } })],
    ['that is an ID-JAG', () => ({ header: { typ: 'oauth-id-jag+jwt' } })],
  ];
  test.each(cases)('%s', async (_what, changes) => {
    isRefused(await client.refresh(refreshToken, {}, changes()));
  });

  test('with a header that must be understood', async () => {
    const assertion = await keys.ES256.sign({ crit: ['b64'], b64: true }, await claims());
    isRefused(await refreshWith(assertion));
  });

  test('they have used nothing up, and a clock that is a minute off is all right', async () => {
    const changes: Changes[] = [
      { claims: { nbf: at(50), iat: at(50), exp: at(3_600) } },
      { claims: { aud: [server.issuer] } },
      { header: { typ: 'client-authentication+jwt' } },
      // What draft-ietf-oauth-client-id-metadata-document-03 recommends in its place.
      { header: { typ: 'oauth-client-auth+jwt' } },
      { header: { typ: 'JWT' } },
    ];
    for (const changed of changes) ({ refreshToken } = tokensOf(await client.refresh(refreshToken, {}, changed)));
    await stillRefreshes();
  });
});

test("the token endpoint as audience only by the operator's leave, and never in an assertion of its own type", async () => {
  const own = await registerSigning(older, keys.ES256, { jwks: { keys: [keys.ES256.publicJwk] } });
  const tokens = await own.connect(new Person());
  const claims = { aud: older.url('/token') };
  for (const typ of ['client-authentication+jwt', 'oauth-client-auth+jwt'])
    isRefused(await own.refresh(tokens.refreshToken, {}, { claims, header: { typ } }));
  isRefused(await own.refresh(tokens.refreshToken, {}, { claims: { aud: older.url('/revoke') } }));
  const renewed = tokensOf(await own.refresh(tokens.refreshToken, {}, { claims }));
  expect(outcome(await own.refresh(renewed.refreshToken, {}, { claims, header: { typ: 'JWT' } }))).toBe('200 Bearer');
});

test('an alias of the issuer as audience, and none beside the aliases', async () => {
  const issuer = 'https://auth.example.com/oauth';
  const config = { ...(await configFor(RESOURCE)), issuerAliases: ['https://auth.example.com'] };
  const resourceServers = config.resourceServers.map((each) => ({ ...each, clientSecrets: ['s'.repeat(40)] }));
  const aliased = await startServer({ issuer, config: { ...config, resourceServers } });
  try {
    const jwks = { keys: [keys.ES256.publicJwk] };
    const own = await registerSigning(aliased, keys.ES256, { jwks });
    const signedFor = async (aud: string) => outcome(await own.refresh('unknown', {}, { claims: { aud } }));
    expect(await signedFor(issuer)).toBe('400 invalid_grant');
    expect(await signedFor('https://auth.example.com')).toBe('400 invalid_grant');
    for (const aud of [`${issuer}/`, 'https://auth.example.com/', 'https://auth.example.com/other', aliased.url('')])
      expect(await signedFor(aud)).toBe('401 invalid_client');
  } finally {
    await aliased.stop();
  }
});

test('wrong ones are limited by client and address as wrong secrets are, logged without them, and the right one gets in', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.70' };
  const stranger = client.with(await newClientKey('ES256', keys.ES256.kid));
  const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.clientId };
  const post = async (as: SigningClient): Promise<Answer> => {
    const body = new URLSearchParams({ ...parameters, ...asserted(await as.assertion()) });
    return request(server.url('/token'), { method: 'POST', headers, body });
  };
  const statuses: number[] = [];
  for (let n = 0; n < OF_ONE_CLIENT + 3; n++) statuses.push((await post(stranger)).status);
  expect(statuses).toEqual([...Array(OF_ONE_CLIENT).fill(401), 429, 429, 429]);
  const wrong = await stranger.assertion();
  ({ refreshToken } = tokensOf(await post(client)));
  await logged(server, 'wrong assertion');
  expect(server.output()).toContain(`"clientId":"${client.clientId}"`);
  for (const part of wrong.split('.')) expect(server.output()).not.toContain(part.slice(0, 60));
  expect(server.output()).not.toContain('eyJ');
});
