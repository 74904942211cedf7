/** Clients that sign: registered, described by a document and pre-registered ones; keys in place and at an address. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import {
  advance,
  asserted,
  type ClientKey,
  newClientKey,
  outcome,
  registerSigning,
  registration,
  SigningClient,
} from '../support/signingClient.js';

const RESOURCE = 'http://localhost:3001/mcp';
const CALLBACK = 'http://127.0.0.1:8765/callback';
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

const jwksOf = (...keys: ClientKey[]) => ({ keys: keys.map(({ publicJwk }) => publicJwk) });

await describeOnEachStore((stores) => {
  let vendor: DocumentHost;
  let server: TestServer;
  let key: ClientKey;
  let configuredKey: ClientKey;
  const person = new Person();
  beforeAll(async () => {
    vendor = await startDocumentHost();
    [key, configuredKey] = [await newClientKey(), await newClientKey('RS256')];
    vendor.serve('/pre-registered/jwks', JSON.stringify(jwksOf(configuredKey)));
    const metadataDocuments = { privateHosts: [vendor.host], fetchesPerMinute: { perHost: 1_000, inAll: 1_000 } };
    const config = {
      ...(await configFor(RESOURCE)),
      clientPolicy: { metadataDocuments },
      clients: [
        {
          client_id: 'in-place',
          redirect_uris: [CALLBACK],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: jwksOf(configuredKey),
        },
        {
          client_id: 'at-an-address',
          redirect_uris: [CALLBACK],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks_uri: vendor.url('/pre-registered/jwks'),
        },
      ],
    };
    server = await stores.start({ config, env: vendor.env });
  });
  afterAll(async () => {
    await server?.stop();
    await vendor?.stop();
  });

  let paths = 0;
  const newPath = (name: string) => `/${++paths}/${name}`;
  const keySet = (...keys: ClientKey[]) => {
    const path = newPath('jwks');
    return { path, uri: vendor.serve(path, JSON.stringify(jwksOf(...keys))) };
  };
  const documented = (more: object, path = newPath('client.json')) => {
    const clientId = vendor.serve(path, { ...PLAIN_DOCUMENT, ...more });
    return new SigningClient(server, clientId, key, CALLBACK);
  };
  const ONLY_KEYS = { token_endpoint_auth_method: 'private_key_jwt' };
  const BOTH = {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
  };

  const connectPlainly = async ({ plain }: SigningClient) => {
    const { code, verifier } = await plain.codeFor(person);
    return tokensOf(await plain.exchange(code, verifier));
  };

  /** Connects, refreshes and revokes; what comes without a signature is refused all the while. */
  const livesBySigning = async (client: SigningClient): Promise<void> => {
    const { code, verifier } = await client.plain.codeFor(person);
    expect(outcome(await client.plain.exchange(code, verifier))).toBe('401 invalid_client');
    const first = tokensOf(await client.exchange(code, verifier));
    expect((await introspect(server, first.accessToken)).json).toMatchObject({
      active: true,
      client_id: client.clientId,
    });
    expect(outcome(await client.plain.refresh(first.refreshToken))).toBe('401 invalid_client');
    const second = tokensOf(await client.refresh(first.refreshToken));
    expect(outcome(await client.plain.revoke(second.refreshToken))).toBe('401 invalid_client');
    expect((await introspect(server, second.accessToken)).json.active).toBe(true);
    expect(outcome(await client.revoke(second.refreshToken))).toBe('200');
    expect((await introspect(server, second.accessToken)).json).toEqual({ active: false });
  };

  describe('A registered client', () => {
    test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
      'with its key in place lives by signing with %s',
      async (alg) => {
        const own = await newClientKey(alg);
        await livesBySigning(await registerSigning(server, own, { jwks: jwksOf(own) }));
      },
    );

    test('with its keys at an address lives by signing', async () => {
      const { path, uri } = keySet(key);
      await livesBySigning(await registerSigning(server, key, { jwks_uri: uri }));
      expect(vendor.requests(path)).toHaveLength(1);
      expect(vendor.requests(path)[0]).toMatchObject({
        accept: 'application/json',
        'user-agent': expect.stringMatching(/^mcp-authorization-server\//),
      });
    });

    test('is told what was registered, and gets no secret', async () => {
      const answer = await registration(server, {
        jwks: jwksOf(key),
        token_endpoint_auth_signing_alg: 'ES256',
        client_secret: 'x'.repeat(40),
      });
      const { use: _use, ...published } = key.publicJwk;
      expect(answer.json).toMatchObject({
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [published] },
      });
      expect(answer.json).not.toHaveProperty('client_secret');
      expect(answer.json).not.toHaveProperty('jwks_uri');
    });

    test('that offers none beside it and has keys must sign; without keys it comes without', async () => {
      const offered = { token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'] };
      const signing = await registration(server, { ...offered, jwks: jwksOf(key) });
      expect(signing.json.token_endpoint_auth_method).toBe('private_key_jwt');
      expect((await registration(server, offered)).json.token_endpoint_auth_method).toBe('none');
    });

    test.each<[string, (publicJwk: object) => object, RegExp]>([
      ['no keys', () => ({}), /exactly one of jwks and jwks_uri/],
      ['both', (jwk) => ({ jwks: { keys: [jwk] }, jwks_uri: 'https://client.example/jwks' }), /exactly one/],
      ['an empty set', () => ({ jwks: { keys: [] } }), /no key for/],
      ['what is no set', () => ({ jwks: 'x' }), /no JSON Web Key Set/],
      ['an http address', () => ({ jwks_uri: 'http://client.example/jwks' }), /https address/],
      ['an address with credentials', () => ({ jwks_uri: 'https://a:b@client.example/jwks' }), /https address/],
      ['an IP address', () => ({ jwks_uri: 'https://169.254.169.254/jwks' }), /https address/],
      [
        'an algorithm that is not supported',
        (jwk) => ({ jwks: { keys: [jwk] }, token_endpoint_auth_signing_alg: 'HS256' }),
        /token_endpoint_auth_signing_alg/,
      ],
    ])('with %s is refused', async (_what, fields, problem) => {
      const answer = await registration(server, fields(key.publicJwk));
      expect(outcome(answer)).toBe('400 invalid_client_metadata');
      expect(answer.json.error_description).toMatch(problem);
    });

    test('uses no other algorithm than the one it registered', async () => {
      const [own, other] = [await newClientKey('ES256'), await newClientKey('RS256')];
      const client = await registerSigning(server, own, {
        jwks: jwksOf(own, other),
        token_endpoint_auth_signing_alg: 'ES256',
      });
      const { refreshToken } = await client.connect(person);
      expect(outcome(await client.with(other).refresh(refreshToken))).toBe('401 invalid_client');
      expect(outcome(await client.refresh(refreshToken))).toBe('200 Bearer');
    });
  });

  describe('A metadata document', () => {
    test('that offers only private_key_jwt, with its key in place', async () => {
      await livesBySigning(documented({ ...ONLY_KEYS, jwks: jwksOf(key) }));
    });

    test('that offers only private_key_jwt, with its keys at an address', async () => {
      await livesBySigning(documented({ ...ONLY_KEYS, jwks_uri: keySet(key).uri }));
    });

    test.each<[string, object]>([
      ['prefers to sign', BOTH],
      ['prefers none', { ...BOTH, token_endpoint_auth_method: 'none' }],
      ['prefers nothing', { ...BOTH, token_endpoint_auth_method: undefined }],
    ])('that offers both and %s: either at each request, and a wrong signature is not none', async (_what, ways) => {
      const client = documented({ ...ways, jwks_uri: keySet(key).uri });
      const { code, verifier } = await client.plain.codeFor(person);
      const first = tokensOf(await client.plain.exchange(code, verifier));
      const second = tokensOf(await client.refresh(first.refreshToken));
      const stranger = client.with(await newClientKey('ES256', key.kid));
      expect(outcome(await stranger.refresh(second.refreshToken))).toBe('401 invalid_client');
      expect(outcome(await client.plain.refresh(second.refreshToken, asserted('x')))).toBe('401 invalid_client');
      const third = tokensOf(await client.plain.refresh(second.refreshToken));
      const byKey = await client.connect(person);
      expect(outcome(await client.plain.revoke(byKey.refreshToken))).toBe('200');
      expect((await introspect(server, third.accessToken)).json.active).toBe(true);
    });

    test('that offers both and has unusable keys comes without', async () => {
      const client = documented({ ...BOTH, jwks: jwksOf(key), jwks_uri: keySet(key).uri });
      const { code, verifier } = await client.plain.codeFor(person);
      expect(outcome(await client.exchange(code, verifier))).toBe('401 invalid_client');
      expect(outcome(await client.plain.exchange(code, verifier))).toBe('200 Bearer');
    });

    test.each<[string, object, RegExp]>([
      ['only private_key_jwt, without keys', ONLY_KEYS, /exactly one of jwks and jwks_uri/],
      ['only a secret', { token_endpoint_auth_method: 'client_secret_basic' }, /neither .*none nor private_key_jwt/],
    ])('that offers %s is refused', async (_what, more, problem) => {
      const page = await person.open(documented(more).plain.authorize().url);
      expect(page.status).toBe(400);
      expect(page.html.textContent).toMatch(problem);
    });

    test('with a new key in place is fetched again, at most once in 30 seconds', async () => {
      const path = newPath('client.json');
      const client = documented({ ...ONLY_KEYS, jwks: jwksOf(key) }, path);
      const { refreshToken } = await client.connect(person);
      const next = await newClientKey();
      documented({ ...ONLY_KEYS, jwks: jwksOf(next) }, path);
      const fetches = vendor.requests(path).length;
      const rotated = client.with(next);
      const second = tokensOf(await rotated.refresh(refreshToken));
      expect(vendor.requests(path)).toHaveLength(fetches + 1);
      // The old key is none any more, and what it signs does not make this server fetch without end.
      for (let n = 0; n < 3; n++) expect(outcome(await client.refresh(second.refreshToken))).toBe('401 invalid_client');
      expect(vendor.requests(path)).toHaveLength(fetches + 1);
      expect(outcome(await rotated.refresh(second.refreshToken))).toBe('200 Bearer');
    });

    test('that came without keys and has some now: the connections it has may sign', async () => {
      const path = newPath('client.json');
      const client = documented({}, path);
      const first = await connectPlainly(client);
      documented({ ...BOTH, jwks: jwksOf(key) }, path);
      expect(outcome(await client.refresh(first.refreshToken))).toBe('200 Bearer');
    });
  });

  describe('A pre-registered client', () => {
    test.each(['in-place', 'at-an-address'])('%s lives by signing', async (id) => {
      await livesBySigning(new SigningClient(server, id, configuredKey, CALLBACK));
    });
  });

  describe('Keys at an address', () => {
    test('that were replaced are fetched again when one is used, at most once in 30 seconds', async () => {
      const { path, uri } = keySet(key);
      const client = await registerSigning(server, key, { jwks_uri: uri });
      const { refreshToken } = await client.connect(person);
      const [second, third] = [await newClientKey(), await newClientKey()];
      await advance(server, 31 * SECOND);
      vendor.serve(path, JSON.stringify(jwksOf(key, second)));
      const renewed = tokensOf(await client.with(second).refresh(refreshToken));
      expect(vendor.requests(path)).toHaveLength(2);
      vendor.serve(path, JSON.stringify(jwksOf(third)));
      for (let n = 0; n < 3; n++)
        expect(outcome(await client.with(third).refresh(renewed.refreshToken))).toBe('401 invalid_client');
      expect(vendor.requests(path)).toHaveLength(2);
      await advance(server, 31 * SECOND);
      const last = tokensOf(await client.with(third).refresh(renewed.refreshToken));
      expect(vendor.requests(path)).toHaveLength(3);
      expect(outcome(await client.refresh(last.refreshToken))).toBe('401 invalid_client');
    });

    test('without names are tried', async () => {
      const unnamed = (own: ClientKey) => ({ ...own.publicJwk, kid: undefined });
      const [one, two] = [await newClientKey(), await newClientKey()];
      const path = newPath('jwks');
      vendor.serve(path, JSON.stringify({ keys: [unnamed(one), unnamed(two)] }));
      const client = await registerSigning(server, two, { jwks_uri: vendor.url(path) });
      const { refreshToken } = await client.connect(person);
      expect(outcome(await client.refresh(refreshToken, {}, { header: { kid: undefined } }))).toBe('200 Bearer');
    });

    test('are kept: a refresh works while their server is down, for as long as the connection', async () => {
      const host = await startDocumentHost();
      const config = {
        ...(await configFor(RESOURCE)),
        clientPolicy: { metadataDocuments: { privateHosts: [host.host] } },
      };
      const own = await stores.start({ config, env: host.env });
      try {
        const uri = host.serve('/jwks', JSON.stringify(jwksOf(key)));
        const client = await registerSigning(own, key, { jwks_uri: uri });
        let { refreshToken } = await client.connect(new Person());
        await host.down();
        const refreshed = async (): Promise<void> => {
          ({ refreshToken } = tokensOf(await client.refresh(refreshToken)));
        };
        for (const days of [2, 12, 12]) {
          await advance(own, days * DAY);
          await refreshed();
        }
        await own.restart();
        await refreshed();
      } finally {
        await own.stop();
        await host.stop();
      }
    });

    test('that were never had: 503, and nothing is used up', async () => {
      const path = newPath('jwks');
      vendor.answer(path, (response) => void response.writeHead(500).end());
      const client = await registerSigning(server, key, { jwks_uri: vendor.url(path) });
      const { code, verifier } = await client.plain.codeFor(person);
      const away = await client.exchange(code, verifier);
      expect(outcome(away)).toBe('503 temporarily_unavailable');
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      vendor.serve(path, JSON.stringify(jwksOf(key)));
      await advance(server, 31 * SECOND);
      expect(outcome(await client.exchange(code, verifier))).toBe('200 Bearer');
    });

    test.each([404, 410])('that answer %i are none from then on, and come back', async (status) => {
      const { path, uri } = keySet(key);
      const client = await registerSigning(server, key, { jwks_uri: uri });
      const { refreshToken, accessToken } = await client.connect(person);
      vendor.answer(path, (response) => void response.writeHead(status).end());
      await advance(server, 11 * 60 * SECOND);
      expect(outcome(await client.refresh(refreshToken))).toBe('401 invalid_client');
      vendor.serve(path, JSON.stringify(jwksOf(key)));
      expect(outcome(await client.refresh(refreshToken))).toBe('401 invalid_client');
      expect((await introspect(server, accessToken)).json.active).toBe(true);
      await advance(server, 31 * SECOND);
      expect(outcome(await client.refresh(refreshToken))).toBe('200 Bearer');
    });
  });

  describe('A request', () => {
    let client: SigningClient;
    let refreshToken: string;
    beforeAll(async () => {
      client = await registerSigning(server, key, { jwks: jwksOf(key) });
      ({ refreshToken } = await client.connect(person));
    });

    test('need not name the client', async () => {
      const answer = await client.refresh(refreshToken, { client_id: undefined });
      ({ refreshToken } = tokensOf(answer));
    });

    test('with two ways to authenticate is refused', async () => {
      const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.clientId };
      const body = async (more: object) => form({ ...parameters, ...asserted(await client.assertion()), ...more });
      const post = async (headers: Record<string, string>, more: object) =>
        request(server.url('/token'), { method: 'POST', headers, body: await body(more) });
      const header = { authorization: `Basic ${Buffer.from(`${client.clientId}:x`).toString('base64')}` };
      expect(outcome(await post(header, {}))).toBe('400 invalid_request');
      expect(outcome(await post({}, { client_secret: 'x' }))).toBe('400 invalid_request');
      ({ refreshToken } = tokensOf(await post({ authorization: 'Bearer x' }, {})));
    });

    test.each([
      ['without its type', { client_assertion_type: undefined }, '400 invalid_request'],
      [
        'of another type',
        { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
        '401 invalid_client',
      ],
      ['that is left out', { client_assertion: undefined }, '400 invalid_request'],
      ['that is no JWT', { client_assertion: 'x.y.z' }, '401 invalid_client'],
    ])('with an assertion %s is refused', async (_what, fields, expected) => {
      expect(outcome(await client.refresh(refreshToken, fields))).toBe(expected);
    });

    test('of a client that has a secret, or none, is refused when it signs', async () => {
      const open = await TestClient.register(server);
      const public_ = new SigningClient(server, open.clientId, key);
      expect(outcome(await public_.refresh('x'))).toBe('401 invalid_client');
      const secret = await registerSigning(server, key, {
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: ['https://client.example.com/callback'],
      });
      expect(outcome(await secret.refresh('x'))).toBe('401 invalid_client');
    });
  });

  test('The metadata names the method and the algorithms', async () => {
    const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
    const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];
    const algs = ['RS256', 'PS256', 'ES256', 'EdDSA'];
    expect(json).toMatchObject({
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: algs,
      revocation_endpoint_auth_signing_alg_values_supported: algs,
    });
  });
});
