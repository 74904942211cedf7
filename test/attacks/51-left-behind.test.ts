/** What one request leaves in the stores is bounded, whoever sends it and however long its values are. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { TEXT_BOUNDS } from '../../src/textBounds.js';
import { type Endpoint, nameOf } from '../fuzz/endpoint.js';
import { endpoints } from '../fuzz/endpoints.js';
import { urlencoded } from '../fuzz/fields.js';
import { getToKnow, type Known } from '../fuzz/known.js';
import { newAgent, sendRequest } from '../fuzz/send.js';
import { Worlds } from '../model/worlds.js';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import { Browser } from '../support/browser.js';
import { freePort } from '../support/childServer.js';
import { DEMO_RESOURCE_SERVER, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { type MailServer, startMailServer } from '../support/mailServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { clientRedirect, DEMO_PASSWORD, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { type StoredBytes, storedBytes } from '../support/storedBytes.js';
import { startUpstream, type TestUpstream, upstreamEnvironment } from '../support/upstream.js';

jest.setTimeout(180_000);

const WIDE = '☃';
const KB = 1_024;

/** The longest that is taken of each field; three bytes a character where any may be in it. */
const LONGEST: Readonly<Record<string, string>> = {
  state: 's'.repeat(TEXT_BOUNDS.state.most),
  nonce: 'n'.repeat(TEXT_BOUNDS.nonce.most),
  name: WIDE.repeat(TEXT_BOUNDS.name.most),
  'app-0': WIDE.repeat(TEXT_BOUNDS.roleScope.most),
  email: `${'e'.repeat(64)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.de`,
};
/** Longer than anything that is taken. */
const GIANT = 'g'.repeat(50_000);
const GIANT_IN_QUERY = 'g'.repeat(8_000);

/** How much each request may leave, as docs/storage.md says. */
const rows = readFileSync('docs/storage.md', 'utf8').matchAll(
  /^\| (`(?:GET|POST|PUT) .*`|all others) \| .* \| (\d+) KB \|$/gm,
);
const documented = new Map(
  [...rows].flatMap(([, names = '', kilobytes]) =>
    names
      .replaceAll('`', '')
      .split(', ')
      .map((name) => [name, Number(kilobytes) * KB] as const),
  ),
);
const OTHERS = documented.get('all others') ?? 0;
const shapeOf = (name: string): string => name.replaceAll(/:\w+/g, '…');
const boundOf = (name: string): number => documented.get(shapeOf(name)) ?? OTHERS;

test('docs/storage.md has the table of bounds', () => {
  const text = readFileSync('docs/storage.md', 'utf8');
  for (const { what, most, unit } of Object.values(TEXT_BOUNDS))
    expect(text).toContain(`| ${what} | ${most.toLocaleString('en')} ${unit} |`);
  expect(OTHERS).toBeGreaterThan(0);
});

const often = { events: 1_000_000, seconds: 1 };
const RATES = ['invitationPerAccount', 'organizationPerAccount', 'passwordResetPerAccount', 'adminFailuresPerAddress'];

await describeOnEachStore((stores) => {
  let server: TestServer;
  let stored: StoredBytes;
  let mail: MailServer;
  let upstream: TestUpstream;
  let vendor: DocumentHost;
  let client: TestClient;
  beforeAll(async () => {
    mail = await startMailServer();
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const limits = { rates: Object.fromEntries(RATES.map((name) => [name, often])) };
    vendor = await startDocumentHost();
    const clientPolicy = { metadataDocuments: { privateHosts: [vendor.host] } };
    const file = await configFor('http://localhost:3001/mcp');
    const config = { ...file, adminClients: ADMIN_CLIENTS, clientPolicy, limits };
    const env = { SMTP_URL: mail.url, ...vendor.env, ...upstreamEnvironment(issuer) };
    server = await stores.start({ config, env });
    upstream = await startUpstream(issuer, server);
    stored = storedBytes(server);
    client = await TestClient.register(server);
  });
  afterAll(async () => {
    await stored?.close();
    await Promise.all([server?.stop(), upstream?.stop()]);
    await Promise.all([mail?.stop(), vendor?.stop()]);
  });

  describe('Of an authorization request', () => {
    test.each(['state', 'nonce'] as const)(
      '%s has at most 2,048 bytes, which come back; one more is 400',
      async (name) => {
        const more = name === 'nonce' ? { scope: 'openid mcp:read' } : {};
        const fits = 'x'.repeat(2_048);
        const ada = new Person();
        const consent = await ada.openConsent(client.authorize({ [name]: fits, ...more }).url);
        const redirect = clientRedirect(await ada.decide(consent, 'Acme Robotics'));
        expect(redirect.searchParams.get('error')).toBeNull();
        if (name === 'state') expect(redirect.searchParams.get('state')).toBe(fits);
        const before = await stored.now();
        for (const long of [`${fits}x`, `${'x'.repeat(2_047)}é`, GIANT_IN_QUERY]) {
          const page = await ada.open(client.authorize({ [name]: long, ...more }).url);
          expect(`${page.status} ${page.leftFor ?? ''}`).toBe('400 ');
          expect(page.html.querySelector('main')?.textContent).toContain(`a ${name} of more than 2,048 bytes`);
        }
        expect((await stored.now()) - before).toBeLessThan(OTHERS);
      },
    );

    test('what is not used is not kept: it is in no store, and is no error', async () => {
      const marker = 'unused-marker';
      const unused = [
        ...['login_hint', 'ui_locales', 'display', 'claims', 'claims_locales', 'acr_values', 'id_token_hint'],
        ...['software_id', 'dpop_jkt', 'authorization_details', 'web_message_uri', 'x', 'audience'],
      ];
      for (const scope of ['mcp:read', 'openid mcp:read']) {
        const { url } = client.authorize({ scope, ...Object.fromEntries(unused.map((name) => [name, marker])) });
        expect((await new Person().open(url)).url.pathname).toBe('/login');
        // Twice as well: what means nothing means nothing twice.
        expect((await new Person().open(`${url}&login_hint=x&audience=y`)).url.pathname).toBe('/login');
      }
      expect(await stored.text()).not.toContain(marker);
    });

    test('what is kept is kept once: prompts, scopes and numbers that repeat themselves', async () => {
      const ada = new Person();
      const before = await stored.now();
      for (const long of [
        { prompt: 'login '.repeat(1_000) },
        { scope: 'mcp:read '.repeat(800) },
        { scope: `openid ${'x'.repeat(7_000)}` },
        { resource: `http://localhost:3001/${'./'.repeat(3_000)}mcp` },
        { scope: 'openid', max_age: '0'.repeat(7_000) },
      ])
        await ada.open(client.authorize(long).url);
      expect((await stored.now()) - before).toBeLessThan(5 * 3 * KB);
    });
  });

  describe('Each step of an authorization leaves at most what docs/storage.md says, with the longest of everything', () => {
    const uri = `https://client.example/${'p'.repeat(1_977)}`;
    const marker = 'unused-marker';

    test.each(['registers itself', 'has a metadata document'])('of a client that %s', async (kind) => {
      const ada = new Person();
      await ada.signIn(await ada.open(server.url('/login')));
      let before = await stored.now();
      const leaves = async (name: string): Promise<void> => {
        const after = await stored.now();
        expect(`${name}: ${after - before <= boundOf(name) ? 'bounded' : after - before}`).toBe(`${name}: bounded`);
        before = after;
      };
      const described = () => {
        const unused = { logo_uri: `https://x.example/${marker}`, software_id: marker, contacts: [marker] };
        const path = `/${'c'.repeat(1_900)}.json`;
        const id = vendor.serve(path, { ...PLAIN_DOCUMENT, ...unused, redirect_uris: [uri] });
        return TestClient.known(server, id, uri);
      };
      const own = kind === 'registers itself' ? await TestClient.register(server, undefined, uri) : described();
      await leaves('POST /register');
      const { state, nonce } = LONGEST;
      const { url, verifier } = own.authorize({ scope: 'openid mcp:read mcp:write profile email', state, nonce });
      const consent = await ada.open(url);
      await leaves('GET /authorize');
      const redirect = clientRedirect(await ada.decide(consent, 'Acme Robotics'));
      await leaves('POST /interaction/…');
      const tokens = tokensOf(await own.exchange(redirect.searchParams.get('code') ?? '', verifier));
      await leaves('POST /token');
      await own.refresh(tokens.refreshToken);
      await leaves('POST /token');
      await own.revoke(tokens.refreshToken);
      await leaves('POST /revoke');
      expect(await stored.text()).not.toContain(marker);
    });
  });

  test('a registration keeps only what is used, and each of that is bounded', async () => {
    const marker = 'unused-marker';
    const address = `https://x.example/${marker}`;
    const before = await stored.now();
    const answer = await registerWith(
      server,
      JSON.stringify({
        redirect_uris: ['http://127.0.0.1/callback'],
        ...{
          software_id: marker,
          software_version: marker,
          scope: marker,
          contacts: [marker],
          software_statement: marker,
        },
        ...{ logo_uri: address, policy_uri: address, tos_uri: address, jwks_uri: address, 'client_name#de': marker },
        ...{ client_name: WIDE.repeat(5_000), client_uri: `https://x.example/${WIDE.repeat(5_000)}` },
      }),
    );
    expect(answer.status).toBe(201);
    expect(await stored.text()).not.toContain(marker);
    expect((await stored.now()) - before).toBeLessThan(3 * KB);
    for (const letter of ['é', '"'])
      expect(
        (await registerWith(server, JSON.stringify({ redirect_uris: [`https://x.example/${letter.repeat(1_500)}`] })))
          .status,
      ).toBe(400);
  });

  test('of a sign-in the beginning of the User-Agent is kept', async () => {
    const browser = new Browser({ 'user-agent': 'u'.repeat(8_000) });
    const page = await browser.open(server.url('/login'));
    const before = await stored.now();
    await browser.submit(page, 'input[name=password]', { email: 'ada@example.com', password: DEMO_PASSWORD });
    expect((await stored.now()) - before).toBeLessThan(3 * KB);
  });

  describe('At every endpoint, one request leaves at most what docs/storage.md says', () => {
    /** Sends a request with other values in some fields. */
    const send = async (
      known: Known,
      endpoint: Endpoint,
      values: Readonly<Record<string, unknown>>,
    ): Promise<number> => {
      const { method, path, fields, json, sender = 'owner', admin } = endpoint;
      const { cookies, csrf } = known.sessions[sender];
      const target = path.replaceAll(/:(\w+)/g, (_, name: string) => String(known[name as keyof Known]));
      const merged = Object.entries({ ...fields, ...values }).map(([name, value]) => [name, String(value)] as const);
      const text = urlencoded(method === 'POST' ? [['csrf_token', csrf], ...merged] : merged);
      const inBody = method === 'POST' || json !== undefined;
      return sendRequest(server.port, agent, {
        to: nameOf(endpoint),
        method,
        target: inBody || text === '' ? target : `${target}?${text}`,
        headers: [
          ['accept', 'text/html'],
          ['sec-fetch-site', 'same-origin'],
          ['user-agent', 'u'.repeat(4_000)],
          ...(inBody
            ? ([['content-type', json ? 'application/json' : 'application/x-www-form-urlencoded']] as const)
            : []),
          ...(cookies ? ([['cookie', cookies]] as const) : []),
          ...(admin ? ([['authorization', `Bearer ${known.adminToken}`]] as const) : []),
          ...(path === '/introspect' ? ([['authorization', DEMO_RESOURCE_SERVER.authorization ?? '']] as const) : []),
        ],
        body: inBody ? Buffer.from(json ? JSON.stringify({ ...json, ...values }) : text) : undefined,
      });
    };
    const agent = newAgent(1);
    afterAll(() => agent.destroy());

    /** The fields of a request at their longest. */
    const longest = ({ fields, json = {} }: Endpoint): Record<string, unknown> => ({
      ...Object.fromEntries(
        Object.keys({ ...fields, ...json }).flatMap((name) => (LONGEST[name] ? [[name, LONGEST[name]]] : [])),
      ),
      ...('app-0' in fields ? manyRoles('form') : {}),
      ...('roles' in json ? { roles: manyRoles('json') } : {}),
      ...('redirect_uris' in json
        ? { redirect_uris: Array.from({ length: 10 }, (_, n) => `https://x.example/${n}${'p'.repeat(1_981)}`) }
        : {}),
      ...('client_uri' in json
        ? { client_uri: `https://x.example/${'c'.repeat(1_982)}`, client_name: WIDE.repeat(100) }
        : {}),
    });

    /** As many as a body of 64 KB holds. */
    function manyRoles(where: 'form'): Record<string, string>;
    function manyRoles(where: 'json'): object[];
    function manyRoles(where: 'form' | 'json'): Record<string, string> | object[] {
      const app = (n: number) => `${n}-${'a'.repeat(124)}`;
      if (where === 'json')
        return Array.from({ length: 150 }, (_, n) => ({ role: 'key-viewer', app: app(n), keyset: app(n) }));
      return Object.fromEntries(
        Array.from({ length: 100 }, (_, n) => [
          [`scoped-${n}`, 'key-viewer'],
          [`app-${n}`, app(n)],
          [`keyset-${n}`, app(n)],
        ]).flat() as [string, string][],
      );
    }

    const withLongest = (endpoint: Endpoint) => [longest(endpoint)];
    const withGiants = ({ method, fields, json }: Endpoint) =>
      Object.keys({ ...fields, ...json }).map((name) => ({
        [name]: method === 'POST' || json ? GIANT : GIANT_IN_QUERY,
      }));

    test.each([
      { what: 'the longest values that are taken', variants: withLongest, always: true },
      // What is refused does not come as far as to a store, so one kind of stores shows it.
      { what: 'one value that is far too long', variants: withGiants, always: false },
    ])('with $what', async ({ variants, always }) => {
      if (!always && server.env.MONGODB_URI && process.env.LONG !== '1') return;
      const known = await getToKnow(server, { worlds: new Worlds(server), mail, upstream });
      const left: string[] = [];
      for (const endpoint of endpoints(known))
        for (const values of variants(endpoint)) {
          const before = await stored.now();
          const status = await send(known, endpoint, values);
          const bytes = (await stored.now()) - before;
          if (bytes > boundOf(nameOf(endpoint)) || status >= 500)
            left.push(
              `${nameOf(endpoint)} with ${Object.keys(values)}: ${status}, ${bytes} of ${boundOf(nameOf(endpoint))} bytes`,
            );
        }
      expect(left).toEqual([]);
    });
  });
});
