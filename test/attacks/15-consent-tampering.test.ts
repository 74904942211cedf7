/** A consent form that says something else than the page did: the server computes all of it again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import type { Page } from '../support/browser.js';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { csrfOf, type Fields, post } from '../support/forms.js';
import { offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
let grace: Person;
let consent: Page;
let verifier: string;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
beforeEach(async () => {
  grace = new Person('grace@example.com');
  const authorization = client.authorize({ scope: 'mcp:read' });
  verifier = authorization.verifier;
  consent = await grace.openConsent(authorization.url);
});
afterAll(() => server?.stop());

const idOf = async (email: string, name: string): Promise<string> =>
  (await organizationPath(server, await signedInPerson(server, email), name)).split('/').at(-1) ?? '';
const offered = (name: string): string =>
  offeredOrganizations(consent).find(({ label }) => label.includes(name))?.id ?? 'none';
const approval = (fields: Record<string, string>): Fields => ({
  csrf_token: csrfOf(consent),
  decision: 'approve',
  ...fields,
});

describe('The organization', () => {
  test("of somebody else's is refused with 403", async () => {
    const organization_id = await idOf('linus@example.com', 'Closed Circuit');
    const answer = await post(grace.browser, consent.url, approval({ organization_id }));
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('Closed Circuit');
  });

  test("that is another person's personal one is refused with 403", async () => {
    const organization_id = await idOf('ada@example.com', 'Ada Lovelace');
    expect((await post(grace.browser, consent.url, approval({ organization_id }))).status).toBe(403);
  });

  test('in which MCP access is off is refused with 403, and not offered', async () => {
    const linus = new Person('linus@example.com');
    const page = await linus.openConsent(client.authorize().url);
    expect(
      offeredOrganizations(page)
        .map(({ label }) => label)
        .join(),
    ).not.toContain('Closed Circuit');
    const organization_id = await idOf('linus@example.com', 'Closed Circuit');
    const fields = { csrf_token: csrfOf(page), decision: 'approve', organization_id };
    expect((await post(linus.browser, page.url, fields)).status).toBe(403);
  });

  test.each(['org_none', '__proto__', 'constructor', '*', '..', '{"$ne":null}', 'x'.repeat(5_000), '\u0000'])(
    'named %j is refused with 403',
    async (organization_id) => {
      expect((await post(grace.browser, consent.url, approval({ organization_id }))).status).toBe(403);
    },
  );

  test.each(['organization_id[$ne]', 'organization_id[]', 'organization_id.id', 'organization_id[$gt]'])(
    'as %s is none at all: 400',
    async (name) => {
      expect((await post(grace.browser, consent.url, approval({ [name]: offered('Acme') }))).status).toBe(400);
    },
  );

  test('empty or missing is 400, and the picker is shown again', async () => {
    for (const fields of [{}, { organization_id: '' }]) {
      const answer = await post(grace.browser, consent.url, approval(fields as Record<string, string>));
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('name="organization_id"');
    }
  });

  test('twice is 400, also when both are allowed', async () => {
    const fields: [string, string][] = [
      ...Object.entries(approval({})),
      ['organization_id', offered('Acme')],
      ['organization_id', offered('Beacon')],
    ];
    expect((await post(grace.browser, consent.url, fields)).status).toBe(400);
  });
});

test.each(['', 'yes', 'APPROVE', 'approve ', 'true'])('the decision %j is none: 400', async (decision) => {
  const fields = { ...approval({ organization_id: offered('Acme') }), decision } as Fields;
  expect((await post(grace.browser, consent.url, fields)).status).toBe(400);
});

test('two decisions are 400', async () => {
  const fields: [string, string][] = [
    ...Object.entries(approval({ organization_id: offered('Acme') })),
    ['decision', 'deny'],
  ];
  expect((await post(grace.browser, consent.url, fields)).status).toBe(400);
});

test('scope, resource, client, account, redirect and lifetime in the form are ignored', async () => {
  const answer = await post(
    grace.browser,
    consent.url,
    approval({
      organization_id: offered('Acme'),
      scope: 'mcp:read mcp:write openid',
      resource: 'https://evil.example/',
      client_id: 'demo-mcp-server',
      account_id: 'acc_ada',
      accountId: 'acc_ada',
      redirect_uri: 'https://evil.example/',
      expires_at: '9999999999999',
      code_challenge: 'x',
      roles: 'account-owner',
    }),
  );
  expect(answer.status).toBe(303);
  const page = await grace.browser.open(new URL(answer.headers.get('location') ?? '', consent.url));
  expect(`${page.leftFor?.origin}${page.leftFor?.pathname}`).toBe(client.redirectUri);
  const code = page.leftFor?.searchParams.get('code') ?? '';
  const { accessToken } = tokensOf(await client.exchange(code, verifier));
  expect((await introspect(server, accessToken)).json).toMatchObject({
    scope: 'mcp:read',
    aud: 'http://localhost:3001/mcp',
    client_id: client.clientId,
    username: 'grace@example.com',
    org_name: 'Acme Robotics',
    roles: [{ role: 'account-admin' }],
  });
});

test('a scope that the request added to the address of the page is ignored', async () => {
  const url = new URL(consent.url);
  url.search = '?scope=mcp:write&organization_id=x';
  const answer = await post(grace.browser, url, approval({ organization_id: offered('Acme') }));
  const page = await grace.browser.open(new URL(answer.headers.get('location') ?? '', consent.url));
  const tokens = tokensOf(await client.exchange(page.leftFor?.searchParams.get('code') ?? '', verifier));
  expect(tokens.answer.json.scope).toBe('mcp:read');
});
