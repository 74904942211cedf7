/** A member without administration who posts the forms of an admin, and an admin who was demoted meanwhile: 403. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditLog, organizationPath, signedInPerson } from '../support/audit.js';
import { answerOf, introspect, TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let ada: Person;
let grace: Person;
let linus: Person;
let acme: string;
let accessToken: string;
beforeAll(async () => {
  server = await startServer();
  [ada, grace, linus] = (await Promise.all(
    ['ada@example.com', 'grace@example.com', 'linus@example.com'].map((email) => signedInPerson(server, email)),
  )) as [Person, Person, Person];
  acme = await organizationPath(server, ada, 'Acme Robotics');
  ({ accessToken } = await (await TestClient.register(server)).connect());
});
afterAll(() => server?.stop());

const act = async (person: Person, path: string, fields: Record<string, string> = {}): Promise<number> => {
  const page = await person.open(server.url('/account'));
  return (await post(person.browser, acme + path, { csrf_token: csrfOf(page), ...fields })).status;
};
const memberId = async (email: string): Promise<string> => {
  const page = await ada.open(`${acme}/members`);
  const row = page.html.querySelectorAll('tr').find(({ textContent }) => textContent.includes(email));
  return /members\/([^/]+)\//.exec(row?.toString() ?? '')?.[1] ?? 'none';
};
const isUnharmed = async (): Promise<void> => {
  expect((await introspect(server, accessToken)).json.active).toBe(true);
  const members = (await ada.open(`${acme}/members`)).html.textContent;
  for (const email of ['grace@example.com', 'linus@example.com']) expect(members).toContain(email);
  expect(members).not.toContain('eve@example.com');
};
/** Every form of an admin, with what would do harm. */
const FORMS: [string, Record<string, string>][] = [
  ['/settings/mcp-access', { mcp_access: 'off' }],
  ['/settings/mcp-access', { mcp_access: 'off', remove_connections: 'on' }],
  ['/members/add', { email: 'eve@example.com', 'role:account-admin': 'on' }],
  ['/members/:linus/roles', { 'role:account-admin': 'on' }],
  ['/members/:linus/remove', {}],
  ['/members/:grace/remove', {}],
  ['/connections/remove', { member: ':ada' }],
  ['/connections/con_x/remove', {}],
  ['/members/invitations/inv_x/resend', {}],
  ['/members/invitations/inv_x/withdraw', {}],
];
const named = async (text: string): Promise<string> => {
  const name = /:(\w+)/.exec(text)?.[1];
  return name === undefined ? text : text.replace(`:${name}`, await memberId(`${name}@example.com`));
};

describe('A plain member', () => {
  test.each(FORMS)('who posts %s %j gets 403', async (path, fields) => {
    const filled = Object.fromEntries(
      await Promise.all(Object.entries(fields).map(async ([name, value]) => [name, await named(value)])),
    );
    expect(await act(linus, await named(path), filled)).toBe(403);
    await isUnharmed();
  });

  test.each(['/settings', '/settings/mcp-access', '/members', '/members/add', '/connections', '/audit', '/audit.json'])(
    'who opens %s gets 403 and sees nothing of it',
    async (path) => {
      const answer = await answerOf(await linus.browser.send(new URL(acme + path)));
      expect(answer.status).toBe(403);
      expect(answer.text).not.toMatch(/grace@example\.com|mcp_access|evt_/);
    },
  );

  test('is written into the audit log, and not a hundred times', async () => {
    for (let i = 0; i < 5; i++) await act(linus, '/settings/mcp-access', { mcp_access: 'off' });
    const events = await auditLog(server, ada, 'Acme Robotics');
    expect(events.filter(({ action }) => action === 'organization.mcp-access-refused')).toHaveLength(1);
  });
});

describe('An admin', () => {
  test('cannot give away or take what the account owner has', async () => {
    const owner = await memberId('ada@example.com');
    for (const id of [owner, 'none'])
      for (const path of [`/members/${id}/roles`, `/members/${id}/remove`])
        expect(await act(grace, path, { 'role:account-owner': 'on', 'role:insights': 'on' })).toBeGreaterThanOrEqual(
          400,
        );
    const linusId = await memberId('linus@example.com');
    await act(grace, `/members/${linusId}/roles`, { 'role:account-owner': 'on', 'role:functions-viewer': 'on' });
    const page = await ada.open(`${acme}/members`);
    expect(page.html.textContent.match(/Account Owner/g)?.length).toBe(1);
  });

  test('who was demoted since the page was opened gets 403 for each of its forms', async () => {
    const page = await grace.open(`${acme}/settings`);
    expect(page.status).toBe(200);
    await directory(server, 'members', 'set-roles', 'Acme Robotics', 'grace@example.com', '--role', 'insights');
    for (const [path, fields] of FORMS.slice(0, 5)) {
      const answer = await post(grace.browser, acme + (await named(path)), { csrf_token: csrfOf(page), ...fields });
      expect(`${path} ${answer.status}`).toBe(`${path} 403`);
    }
    await isUnharmed();
  });

  test('who was removed since the page was opened gets 404', async () => {
    const page = await grace.open(server.url('/account'));
    await directory(server, 'members', 'remove', 'Acme Robotics', 'grace@example.com');
    const url = `${acme}/settings/mcp-access`;
    const answer = await post(grace.browser, url, { csrf_token: csrfOf(page), mcp_access: 'off' });
    expect(answer.status).toBe(404);
    expect((await introspect(server, accessToken)).json.active).toBe(true);
  });
});

test('nobody who is not signed in gets any further than the sign-in page', async () => {
  for (const path of ['/settings', '/members', '/audit.json']) {
    const answer = await answerOf(await fetch(acme + path, { redirect: 'manual' }));
    expect(answer.headers.get('location')).toMatch(/^\/login\?/);
  }
});
