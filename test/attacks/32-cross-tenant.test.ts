/** Ids of other people's things, held or guessed: 404, and nothing happens. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { answerOf, introspect, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let ada: Person;
let grace: Person;
let linus: Person;
let acme: string;
let beacon: string;
let closed: string;
let connectionId: string;
let accessToken: string;
beforeAll(async () => {
  server = await startServer();
  [ada, grace, linus] = (await Promise.all(
    ['ada@example.com', 'grace@example.com', 'linus@example.com'].map((email) => signedInPerson(server, email)),
  )) as [Person, Person, Person];
  acme = await organizationPath(server, ada, 'Acme Robotics');
  beacon = await organizationPath(server, grace, 'Beacon Labs');
  closed = await organizationPath(server, linus, 'Closed Circuit');
  const client = await TestClient.register(server);
  ({ accessToken } = await client.connect({ organization: 'Acme Robotics' }));
  connectionId = String((await introspect(server, accessToken)).json.connection_id);
});
afterAll(async () => {
  await server?.stop();
});

const act = async (person: Person, url: string, fields: Record<string, string> = {}): Promise<number> => {
  const page = await person.open(server.url('/account'));
  return (await post(person.browser, url, { csrf_token: csrfOf(page), ...fields })).status;
};
const see = async (person: Person, url: string) => answerOf(await person.browser.send(new URL(url)));
const isUnharmed = async (): Promise<void> =>
  expect((await introspect(server, accessToken)).json).toMatchObject({ active: true, connection_id: connectionId });

describe("Another person's connection", () => {
  test.each(['grace', 'linus'])('is not there for %s, to see or to remove', async (who) => {
    const person = who === 'grace' ? grace : linus;
    const url = server.url(`/account/connections/${connectionId}/remove`);
    expect((await see(person, url)).status).toBe(404);
    expect(await act(person, url)).toBe(404);
    await isUnharmed();
  });

  test('is not there for the owner of another organization, under that organization', async () => {
    for (const [person, path] of [
      [grace, beacon],
      [linus, closed],
    ] as const) {
      expect((await see(person, `${path}/connections/${connectionId}/remove`)).status).toBe(404);
      expect(await act(person, `${path}/connections/${connectionId}/remove`)).toBe(404);
      const { json } = await introspect(server, accessToken);
      expect(await act(person, `${path}/connections/remove`, { member: String(json.sub) })).toBe(404);
      expect(await act(person, `${path}/connections/remove`, { client: String(json.client_id) })).toBe(404);
    }
    await isUnharmed();
  });
});

describe("Another organization's pages", () => {
  const PAGES = [
    '',
    '/settings',
    '/settings/mcp-access',
    '/members',
    '/members/add',
    '/connections',
    '/audit',
    '/audit.json',
  ];

  test.each(PAGES)('%s are not there for somebody who is no member, even with the right id', async (page) => {
    const answer = await see(grace, closed + page);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch(/Closed Circuit|linus/i);
    const guessed = await see(grace, server.url(`/organizations/org_AAAAAAAAAAAAAAAAAAAAAA${page}`));
    // Beside the reference the page holds only the address that was asked for, to which the menu leads back, and the id of
    // this rendering's forms, which is random.
    const words = (text: string) =>
      text.replace(/<code[^>]*>[^<]*<\/code>/g, '').replace(/name="(return_to|form_id)" value="[^"]*"/g, '');
    expect(words(answer.text)).toBe(words(guessed.text));
  });

  test('take no form of somebody who is no member', async () => {
    const forms: [string, Record<string, string>][] = [
      ['/settings/mcp-access', { mcp_access: 'on' }],
      ['/members/add', { email: 'grace@example.com', 'role:account-admin': 'on' }],
      ['/members/x/roles', { 'role:account-admin': 'on' }],
      ['/members/x/remove', {}],
      ['/connections/remove', { member: 'x' }],
      ['/connections/x/remove', {}],
      ['/members/invitations/x/resend', {}],
      ['/members/invitations/x/withdraw', {}],
    ];
    for (const [path, fields] of forms)
      expect(`${path} ${await act(grace, closed + path, fields)}`).toBe(`${path} 404`);
    expect((await see(linus, `${closed}/members`)).text).not.toContain('grace@example.com');
    expect((await see(linus, `${closed}/settings`)).text).toContain('Closed Circuit');
  });

  test('are not chosen as the current organization', async () => {
    const id = closed.split('/').at(-1) ?? '';
    expect(await act(grace, server.url('/account/organization'), { organization_id: id })).toBe(404);
    expect((await see(grace, server.url('/account/connections'))).text).not.toContain('Closed Circuit');
  });
});

describe('Ids of one organization under another', () => {
  const accountOf = async (organization: string, person: Person, name: string): Promise<string> => {
    const page = await person.open(`${organization}/members`);
    const row = page.html.querySelectorAll('tr').find(({ textContent }) => textContent.includes(name));
    return /members\/([^/]+)\//.exec(row?.toString() ?? '')?.[1] ?? 'none';
  };

  test('a member of one cannot be changed or removed by the admin of the other', async () => {
    const member = await accountOf(acme, ada, 'linus@example.com');
    expect(member).not.toBe('none');
    for (const path of [`/members/${member}/roles`, `/members/${member}/remove`])
      expect(await act(grace, beacon + path, { 'role:insights': 'on' })).toBe(404);
    expect((await see(ada, `${acme}/members`)).text).toContain('linus@example.com');
  });

  test('an invitation of one cannot be sent again or withdrawn by the admin of the other', async () => {
    await act(ada, `${acme}/members/add`, { email: 'guest@example.com', 'role:insights': 'on' });
    const id = /invitations\/([^/]+)\//.exec((await see(ada, `${acme}/members`)).text)?.[1] ?? 'none';
    expect(id).not.toBe('none');
    for (const path of ['resend', 'withdraw'])
      expect(await act(grace, `${beacon}/members/invitations/${id}/${path}`)).toBe(404);
    expect((await see(ada, `${acme}/members`)).text).toContain('guest@example.com');
  });

  test("another person's sign-in session is not ended", async () => {
    const page = await ada.open(server.url('/account'));
    const session = page.html.querySelector('input[name=session]')?.getAttribute('value') ?? 'none';
    expect(await act(grace, server.url('/account/sessions/end'), { session })).toBe(303);
    expect((await ada.open(server.url('/account'))).url.pathname).toBe('/account');
  });
});

test.each([
  'con_AAAAAAAAAAAAAAAAAAAAAA',
  'con_',
  '0',
  '-1',
  '..',
  '%2e%2e',
  '*',
  '%00',
  '%',
  'CON_x',
  `x${'y'.repeat(5_000)}`,
])('the guessed id %s finds nothing', async (id) => {
  for (const url of [
    server.url(`/account/connections/${id}/remove`),
    `${acme}/connections/${id}/remove`,
    `${acme}/members/${id}/roles`,
    server.url(`/organizations/${id}/settings`),
  ]) {
    const status = (await see(ada, url)).status;
    expect([200, 302, 400, 404]).toContain(status);
    // "..", once the address is resolved, is the page above.
    if (!/\.\.|%2e/.test(id)) expect([400, 404]).toContain(status);
  }
  await isUnharmed();
});
