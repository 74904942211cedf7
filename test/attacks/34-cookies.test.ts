/** Every cookie of this server, attribute by attribute, with an issuer on HTTPS and with one on plain HTTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { clientRedirect, offeredOrganizations } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

interface SetCookie {
  readonly name: string;
  readonly value: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly from: string;
}

const parsed = (line: string, from: string): SetCookie => {
  const [pair = '', ...rest] = line.split(/; */);
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
  const attributes = rest.map((part) => {
    const [attribute = '', text = ''] = part.split('=');
    return [attribute.toLowerCase(), text] as const;
  });
  return { name, value, attributes: Object.fromEntries(attributes), from };
};

describe.each([
  // The demo's accounts are for an issuer on this machine alone.
  ['https', 'https://localhost', ''],
  ['https below a path', 'https://localhost/oauth', '/oauth'],
  ['http', '', ''],
])('On %s', (_what, issuer, issuerPath) => {
  const secure = issuer.startsWith('https:');
  let server: TestServer;
  let cookies: SetCookie[];
  beforeAll(async () => {
    server = await startServer({ issuerPath, ...(issuer ? { issuer } : {}), env: { DEMO_DIRECTORY: '1' } });
    cookies = await collected();
  });
  afterAll(() => server?.stop());

  /** Goes through sign-in, consent, organizations, an invitation and signing out, and keeps every Set-Cookie. */
  const collected = async (): Promise<SetCookie[]> => {
    const seen: SetCookie[] = [];
    const inside = (url: URL): URL => {
      const reached = new URL(url);
      if (secure) Object.assign(reached, { protocol: 'http:', hostname: 'localhost', port: String(server.port) });
      return reached;
    };
    class Watched extends Browser {
      override async send(url: URL, init: RequestInit = {}): Promise<Response> {
        const response = await super.send(url, init);
        for (const line of response.headers.getSetCookie())
          seen.push(parsed(line, `${init.method ?? 'GET'} ${url.pathname}`));
        return response;
      }
    }
    const browser = new Watched({}, inside);
    const at = (path: string): string => server.issuer + path;
    const client = await TestClient.register(server);
    const { search } = new URL(client.authorize().url);
    const signIn = await browser.open(at(`/authorize${search}`));
    const credentials = { email: 'ada@example.com', password: 'demo-password' };
    const consent = await browser.submit(signIn, 'input[name=password]', credentials);
    const organization_id = offeredOrganizations(consent)[0]?.id ?? '';
    clientRedirect(await browser.submit(consent, 'button[value=approve]', { decision: 'approve', organization_id }));
    const list = await browser.open(at('/account/connections'));
    const button = list.html
      .querySelectorAll('button[name=organization_id]')
      .find((b) => b.textContent.includes('Acme'));
    const id = button?.getAttribute('value') ?? '';
    await browser.submit(list, 'button[name=organization_id]', { organization_id: id });
    const add = await browser.open(at(`/organizations/${id}/members/add`));
    await browser.submit(add, 'input[name=email]', { email: 'guest@example.com', 'role:insights': 'on' });
    await browser.submit(await browser.open(at('/account')), 'form[action$="/logout"]');
    return seen;
  };
  const named = (name: string): SetCookie[] => cookies.filter((cookie) => cookie.name === name);
  const host = secure ? '__Host-' : '';
  const prefixed = secure ? '__Secure-' : '';

  test('all that are known were set, and no other', () => {
    const names = new Set(cookies.map(({ name }) => name.replace(/\.sig$/, '')));
    expect([...names].sort()).toEqual(
      [`${host}browser`, `${host}known`, `${host}organization`, `${host}session`]
        .concat([`${prefixed}interaction`, `${prefixed}resume`, `${prefixed}invitation`])
        .sort(),
    );
  });

  test('each is HttpOnly, and Secure exactly on HTTPS', () => {
    for (const { name, attributes, from } of cookies) {
      expect(`${name} ${from} ${'httponly' in attributes}`).toBe(`${name} ${from} true`);
      expect(`${name} ${from} ${'secure' in attributes}`).toBe(`${name} ${from} ${secure}`);
    }
  });

  test('each is SameSite=Lax, or Strict where no link leads to it', () => {
    for (const { name, attributes } of cookies) {
      const strict = name.replace('.sig', '') === `${prefixed}invitation`;
      expect(`${name} ${attributes.samesite}`).toBe(`${name} ${strict ? 'strict' : 'lax'}`);
    }
  });

  test('none names a domain, so no other host gets or shadows it', () => {
    for (const { name, attributes } of cookies) expect(`${name} ${attributes.domain}`).toBe(`${name} undefined`);
  });

  test('those of the session have the path / and on HTTPS the prefix __Host-', () => {
    for (const name of ['browser', 'known', 'organization', 'session'])
      for (const each of [`${host}${name}`, `${host}${name}.sig`]) {
        expect(named(each).length).toBeGreaterThan(0);
        for (const { attributes } of named(each)) expect(attributes.path).toBe('/');
      }
  });

  test('those of one authorization have a path of their own and on HTTPS the prefix __Secure-', () => {
    for (const { attributes } of named(`${prefixed}interaction`))
      expect(attributes.path).toMatch(new RegExp(`^${issuerPath}/interaction/[\\w-]{20,}$`));
    for (const { attributes } of named(`${prefixed}resume`))
      expect(attributes.path).toMatch(new RegExp(`^${issuerPath}/authorize/[\\w-]{20,}$`));
    expect(named(`${prefixed}interaction`).length).toBeGreaterThan(0);
    expect(named(`${prefixed}resume`).length).toBeGreaterThan(0);
  });

  test('each has a signature beside it', () => {
    for (const { name, value, from } of cookies) {
      if (name.endsWith('.sig') || value === '') continue;
      const signature = cookies.find((cookie) => cookie.name === `${name}.sig` && cookie.from === from);
      expect(`${name} ${from} ${signature?.value.length ?? 0}`).toMatch(/ [1-9]\d*$/);
    }
  });

  test('none holds anything to read: ids and hashes alone', () => {
    for (const { name, value } of cookies) expect(`${name}=${value}`).toMatch(/^[\w.-]+=[\w-]*$/);
  });

  test('no session lasts for ever, and those of one authorization are gone within the hour', () => {
    for (const { name, attributes, value } of cookies) {
      if (value === '' || attributes.expires === undefined) continue;
      const days = (new Date(attributes.expires).getTime() - Date.now()) / 86_400_000;
      const most = name.startsWith(`${host}session`) ? 15 : name.startsWith(`${prefixed}interaction`) ? 1 / 23 : 366;
      expect(`${name} ${days <= most}`).toBe(`${name} true`);
    }
  });

  test('signing out takes the session cookie away', () => {
    const last = named(`${host}session`).at(-1);
    expect(last?.value).toBe('');
    expect(new Date(last?.attributes.expires ?? Date.now()).getTime()).toBeLessThan(Date.now());
  });

  test('answers to clients set no cookie', async () => {
    for (const path of ['/jwks', '/.well-known/oauth-authorization-server', '/userinfo'])
      expect((await fetch(server.url(path))).headers.getSetCookie()).toEqual([]);
    for (const path of ['/token', '/register', '/revoke', '/introspect'])
      expect((await fetch(server.url(path), { method: 'POST' })).headers.getSetCookie()).toEqual([]);
  });
});
