/** Secrets where they do not belong: logs at the finest level, the audit log, error pages, the store on disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditLog, signedInPerson } from '../support/audit.js';
import { freePort } from '../support/childServer.js';
import { basic, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { csrfOf } from '../support/forms.js';
import { clientRedirect, Person } from '../support/person.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'correct-horse-battery-staple';

let server: TestServer;
let metricsPort: number;
/** What it is, and the secret itself. */
const secrets = new Map<string, string>();
const remember = (what: string, value: unknown): void => {
  if (typeof value === 'string' && value.length >= 8) secrets.set(`${what} ${secrets.size}`, value);
};
const answers: string[] = [];

beforeAll(async () => {
  metricsPort = await freePort();
  server = await startServer({ env: { LOG_LEVEL: 'trace', METRICS_PORT: String(metricsPort) } });
  await flows();
  await mistakes();
});
afterAll(() => server?.stop());

/** A whole life: sign-in, consent, exchange, refresh, replay, introspection, invitation, new password, revocation. */
const flows = async (): Promise<void> => {
  const client = await TestClient.register(server);
  const person = new Person();
  const authorization = client.authorize({ scope: 'openid email mcp:read', nonce: 'nonce-of-the-client' });
  const consent = await person.openConsent(authorization.url);
  const code = clientRedirect(await person.decide(consent, 'Acme Robotics')).searchParams.get('code') ?? '';
  const first = tokensOf(await client.exchange(code, authorization.verifier));
  const second = tokensOf(await client.refresh(first.refreshToken));
  await client.refresh(first.refreshToken);
  await introspect(server, second.accessToken);
  await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${second.accessToken}` } });
  remember('code', code);
  remember('verifier', authorization.verifier);
  remember('state', authorization.state);
  remember('form token', csrfOf(consent));
  for (const { accessToken, refreshToken, answer } of [first, second]) {
    remember('access token', accessToken);
    remember('refresh token', refreshToken);
    remember('id_token', answer.json.id_token);
  }
  remember('interaction', consent.url.pathname.split('/').at(-1));
  for (const { key, value, path } of await person.browser.jar.getCookies(consent.url.href)) {
    if (!/^(known|organization)/.test(key)) remember(`cookie ${key} at ${path}`, value);
  }
  const profile = await person.open(server.url('/account'));
  const changed = { current_password: 'demo-password', new_password: PASSWORD };
  await person.browser.submit(profile, 'input[name=new_password]', changed);
  remember('password', PASSWORD);
  const path = `/organizations/${new URL((await person.open(server.url('/account/connections'))).url).pathname}`;
  expect(path).toBeTruthy();
  await everyPageAs(person);
  await client.revoke(second.refreshToken);
  const secret = await registerWith(
    server,
    JSON.stringify({ redirect_uris: ['http://localhost/'], token_endpoint_auth_method: 'client_secret_post' }),
  );
  remember('client secret', secret.json.client_secret);
  await request(server.url('/token'), {
    method: 'POST',
    body: form({
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: String(secret.json.client_id),
      client_secret: String(secret.json.client_secret),
    }),
  });
  remember('secret of a resource server', 'demo-mcp-server-secret');
};

const everyPageAs = async (person: Person): Promise<void> => {
  const list = await person.open(server.url('/account/connections'));
  const id = list.html
    .querySelectorAll('button[name=organization_id]')
    .find(({ textContent }) => textContent.includes('Acme'))
    ?.getAttribute('value');
  const add = await person.open(server.url(`/organizations/${id}/members/add`));
  const invited = await person.browser.submit(add, 'input[name=email]', {
    email: 'guest@example.com',
    'role:insights': 'on',
  });
  const link = invited.html.querySelector('#invitation-link')?.textContent ?? '';
  expect(link).toContain('/invitations/');
  remember('invitation', link.split('/').at(-1));
  await new Person().open(link);
};

/** Secrets in the wrong places, where a careless message would quote them. */
const mistakes = async (): Promise<void> => {
  const client = await TestClient.register(server);
  const wrong = (what: string): string => {
    const value = `misplaced-${what}-0123456789abcdef`;
    remember(what, value);
    return value;
  };
  const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
    request(server.url(path), { method: 'POST', headers, body: form(body) });
  const client_id = client.clientId;
  const tries = [
    post('/token', { grant_type: 'authorization_code', client_id, code: wrong('code') }),
    post('/token', { grant_type: 'refresh_token', client_id, refresh_token: wrong('refresh') }),
    post('/token', {
      grant_type: 'refresh_token',
      client_id,
      client_secret: wrong('client-secret'),
      refresh_token: 'x',
    }),
    post('/token', { grant_type: wrong('grant'), client_id }),
    post('/token', { grant_type: 'password', client_id, password: wrong('password-grant') }),
    post('/introspect', { token: wrong('token') }, basic('demo-mcp-server', wrong('basic-secret'))),
    post('/introspect', { token: wrong('token-2') }, basic('demo-mcp-server', 'demo-mcp-server-secret')),
    post('/revoke', { token: wrong('revoked'), client_id }),
    request(server.url('/userinfo'), { headers: { authorization: `Bearer ${wrong('bearer')}` } }),
    request(server.url(`/userinfo?access_token=${wrong('query-token')}`)),
    request(server.url(`/authorize?code=${wrong('query-code')}&client_id=${client_id}`)),
    request(server.url(`/login?password=${wrong('query-password')}`)),
    request(server.url(`/invitations/${wrong('invitation')}`)),
    request(server.url(`/password/reset/${wrong('reset')}`)),
    request(server.url(`/password/reset/${wrong('posted-reset')}`), { method: 'POST' }),
    request(server.url(`/invitations/${wrong('posted-invitation')}`), { method: 'PUT' }),
    request(server.url(`/invitations/${wrong('nested-invitation')}/nothing`)),
    request(server.url('/login'), { headers: { referer: server.url(`/invitations/${wrong('referer')}`) } }),
    request(server.url(`/interaction/${wrong('uid')}`)),
    request(server.url(`/authorize/${wrong('resume-uid')}`)),
    request(server.url('/account'), { headers: { cookie: `session=${wrong('session')}; session.sig=x` } }),
    registerWith(server, `{"redirect_uris":["http://localhost/"],"x":"${wrong('registration')}"`),
  ];
  for (const { text } of await Promise.all(tries)) answers.push(text);
  // What cannot be parsed as HTTP is kept by Node.js with the error that it makes of it.
  for (const [what, header] of [
    ['unknown transfer coding', 'Transfer-Encoding: xchunked'],
    ['broken header', 'no colon'],
    ['two lengths', 'Content-Length: 3'],
  ]) {
    const lines = [`Cookie: session=${wrong(`cookie of ${what}`)}`, `${header}`];
    const { body } = await sendRaw(
      server.port,
      rawRequest('POST', '/login', lines, `password=${wrong(`password of ${what}`)}`),
    );
    answers.push(body);
  }
  const stranger = new Person();
  const refused = await stranger.signIn(await stranger.open(server.url('/login')), wrong('password'));
  answers.push(refused.html.toString().replaceAll(/csrf_token" value="[^"]*"/g, ''));
};

/** As JSON has the bytes of a buffer. */
const inDecimal = (value: string): string => [...Buffer.from(value)].join(',');

const leaksIn = (text: string): string[] =>
  [...secrets]
    .filter(([, value]) =>
      [value, encodeURIComponent(value), inDecimal(value)].some((written) => text.includes(written)),
    )
    .map(([what]) => what);

test('the flows left enough secrets to look for', () => {
  expect(secrets.size).toBeGreaterThan(30);
});

test('the log at its finest level holds none of them', () => {
  const output = server.output();
  expect(output.split('\n').filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(40);
  expect(leaksIn(output)).toEqual([]);
  expect(output).not.toMatch(/authorization":|set-cookie|"cookie"|[?&](code|state|token)=/i);
});

test('the audit logs hold none of them', async () => {
  for (const [email, password, organization] of [
    ['ada@example.com', PASSWORD, 'Acme Robotics'],
    ['grace@example.com', 'demo-password', 'Beacon Labs'],
    ['linus@example.com', 'demo-password', 'Closed Circuit'],
  ] as const) {
    const person = new Person(email);
    await person.signIn(await person.open(server.url('/login')), password);
    const events = JSON.stringify(await auditLog(server, person, organization));
    if (organization === 'Acme Robotics') expect(events).toContain('connection.consented');
    expect(leaksIn(events)).toEqual([]);
  }
});

test('answers to mistakes quote none of them', () => {
  expect(answers.length).toBeGreaterThan(15);
  for (const answer of answers) expect(leaksIn(answer)).toEqual([]);
});

test('pages hold none of them but the form token of their own', async () => {
  await signedInPerson(server, 'grace@example.com');
  for (const status of [400, 404]) {
    const page = await new Person().open(server.url(status === 404 ? '/nothing' : '/authorize?client_id=x'));
    expect(page.status).toBe(status);
    expect(leaksIn(page.html.toString())).toEqual([]);
    expect(page.html.toString()).not.toMatch(/node_modules|\/src\/|\.js:\d+|at \w+ \(/);
  }
});

test('metrics name none of them, and no id of a person, client or connection', async () => {
  const metrics = await request(`http://127.0.0.1:${metricsPort}/metrics`);
  expect(metrics.text).toContain('mcp_auth_refusals_total{route="/invitations/:token",reason="not_found"}');
  expect(leaksIn(metrics.text)).toEqual([]);
  expect(metrics.text).not.toMatch(/(acc|org|con|inv|dcr|key)_[\w-]{22}|@example\.com/);
});

describe('The store on disk', () => {
  test('holds none of them, only hashes and sealed parts', async () => {
    const folder = join(server.dataDir, 'store');
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, file)).toString('latin1');
      const leaks = leaksIn(bytes).filter((what) => !/^(state|secret of a resource server|interaction) /.test(what));
      expect(`${file}: ${leaks}`).toBe(`${file}: `);
      expect(bytes).not.toContain('"d":"');
      expect(bytes).not.toContain('PRIVATE KEY');
    }
  });
});
