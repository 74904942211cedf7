/** Mix-up at aliases of the issuer (RFC 9207): an answer names the address that its client began with, whatever comes between. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { clientRedirect, Person } from '../support/person.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import type { TestServer } from '../support/server.js';

let servers: ProductionServers;
let began: Record<'the issuer' | 'the bare origin' | 'another path', string>;
let client: TestClient;
beforeAll(async () => {
  const config = await configFor('http://localhost:3001/mcp');
  servers = await startProductionServers({
    issuerPath: '/oauth',
    config: (issuer) => ({ ...config, issuerAliases: [new URL(issuer).origin, `${new URL(issuer).origin}/other`] }),
  });
  const { issuer } = servers.a;
  const { origin } = new URL(issuer);
  began = { 'the issuer': issuer, 'the bare origin': origin, 'another path': `${origin}/other` };
  client = await TestClient.register(servers.a);
});
afterAll(() => servers?.stop());

/** The client as one that read the metadata of an address. */
const clientAt = (address: string): TestClient =>
  client.at({ ...servers.a, url: (path) => address + path } satisfies TestServer);
/** The same request at the other server, which is one issuer with the first. */
const atB = ({ href }: URL): string => href.replace(`:${servers.a.port}/`, `:${servers.b.port}/`);
const issOf = (redirect: URL): string[] => redirect.searchParams.getAll('iss');

describe.each(['the issuer', 'the bare origin', 'another path'] as const)('A client that began at %s', (where) => {
  const here = () => began[where];

  test('gets it as iss of its code, and the metadata there names it', async () => {
    const { url, state } = clientAt(here()).authorize();
    expect(url.startsWith(`${here()}/authorize?`)).toBe(true);
    const person = new Person();
    const redirect = clientRedirect(await person.decide(await person.openConsent(url), 'Acme Robotics'));
    expect(redirect.searchParams.get('code')).toBeTruthy();
    expect(redirect.searchParams.get('state')).toBe(state);
    expect(issOf(redirect)).toEqual([here()]);
    expect((await request(`${here()}/.well-known/oauth-authorization-server`)).json.issuer).toBe(here());
  });

  test('gets it as iss of a denial', async () => {
    const person = new Person();
    const consent = await person.openConsent(clientAt(here()).authorize().url);
    const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics', 'deny'));
    expect(redirect.searchParams.get('error')).toBe('access_denied');
    expect(issOf(redirect)).toEqual([here()]);
  });

  test.each([
    ['no PKCE', { code_challenge: undefined }],
    ['another response type', { response_type: 'token' }],
    ['another response mode', { response_mode: 'form_post' }],
    ['prompt=none', { prompt: 'none' }],
    ['an unknown resource', { resource: 'https://unknown.example.com/' }],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['a forged iss parameter', { iss: 'https://evil.example', prompt: 'none' }],
  ])('gets it as iss of the error of %s', async (_what, overrides: Record<string, string | undefined>) => {
    const redirect = clientRedirect(await new Person().open(clientAt(here()).authorize(overrides).url));
    expect(redirect.searchParams.get('error')).toBeTruthy();
    expect(issOf(redirect)).toEqual([here()]);
  });

  test('gets it when the request says otherwise, by a parameter, in a form or in a header', async () => {
    const elsewhere = Object.values(began).filter((address) => address !== here());
    for (const iss of [...elsewhere, 'https://evil.example']) {
      const person = new Person();
      const consent = await person.openConsent(clientAt(here()).authorize({ iss, issuer: iss }).url);
      expect(issOf(clientRedirect(await person.decide(consent, 'Acme Robotics')))).toEqual([here()]);
      const { url } = clientAt(here()).authorize({ prompt: 'none', iss });
      const [address = '', query = ''] = url.split('?');
      const posted = await request(address, { method: 'POST', body: new URLSearchParams(query) });
      expect(issOf(new URL(posted.headers.get('location') ?? ''))).toEqual([here()]);
      const headers = {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-prefix': '/other',
        'x-original-url': '/authorize',
      };
      const forwarded = await request(url, { headers });
      expect(issOf(new URL(forwarded.headers.get('location') ?? ''))).toEqual([here()]);
    }
  });

  test('gets it after the consent page was reloaded, the account switched and the step repeated', async () => {
    const person = new Person('grace@example.com');
    let consent = await person.openConsent(clientAt(here()).authorize().url);
    consent = await person.open(consent.url);
    const linus = new Person('linus@example.com');
    Object.assign(linus, { browser: person.browser });
    const again = await linus.signIn(await person.switchAccount(consent));
    const answered = await linus.decide(again, 'Acme Robotics');
    expect(issOf(clientRedirect(answered))).toEqual([here()]);
    expect(issOf(clientRedirect(await linus.decide(again, 'Acme Robotics')))).toEqual([here()]);
  });

  test('gets it where another server answers what this one began', async () => {
    const person = new Person();
    const consent = await person.openConsent(clientAt(here()).authorize().url);
    const there = await person.open(atB(consent.url));
    // The form leads to the issuer, which here is the first server; the browser goes on at the second.
    const next = clientRedirect(await person.decide(there, 'Acme Robotics'));
    const redirect = clientRedirect(await person.open(atB(next)));
    expect(redirect.searchParams.get('code')).toBeTruthy();
    expect(issOf(redirect)).toEqual([here()]);
  });
});

test('in one browser, at once and in turn, each answer names the address of its own request', async () => {
  const person = new Person();
  await person.openConsent(client.authorize().url);
  const addresses = Object.values(began);
  const requests = [...addresses, ...addresses.toReversed(), ...addresses].map((address) => ({
    address,
    authorization: clientAt(address).authorize(),
  }));
  const consents = await Promise.all(requests.map(({ authorization }) => person.openConsent(authorization.url)));
  const decisions = consents.map((consent, n) =>
    person.decide(n % 2 === 0 ? consent : { ...consent }, 'Acme Robotics', n % 3 === 0 ? 'deny' : 'approve'),
  );
  const redirects = (await Promise.all(decisions)).map(clientRedirect);
  for (const [n, redirect] of redirects.entries()) {
    expect(redirect.searchParams.get('state')).toBe(requests[n]?.authorization.state);
    expect(issOf(redirect)).toEqual([requests[n]?.address]);
  }
});

test('a consent page and its form stay the session’s own: an alias lets no other site and no other person answer', async () => {
  const person = new Person();
  const consent = await person.openConsent(clientAt(began['the bare origin']).authorize().url);
  expect(consent.url.href.startsWith(`${servers.a.issuer}/interaction/`)).toBe(true);
  const { pathname } = new URL(consent.url);
  const body = new URLSearchParams({ decision: 'approve' });
  for (const url of [consent.url, began['the bare origin'] + pathname.replace('/oauth', '')]) {
    const answer = await request(url, { method: 'POST', body, headers: { 'sec-fetch-site': 'cross-site' } });
    expect([403, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('code=');
  }
  const stranger = new Person('linus@example.com');
  const page = await stranger.open(consent.url);
  expect(page.status).not.toBe(200);
});

test('an authorization request at an alias is a page of the browser’s own, as at the issuer', async () => {
  const { url } = clientAt(began['the bare origin']).authorize();
  const framed = await request(url, { headers: { 'sec-fetch-dest': 'iframe' } });
  expect(framed.status).toBe(403);
});
