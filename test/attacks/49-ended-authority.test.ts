/** Authority that is checked once and used later ends with its reason: invitations with the inviter's, tokens with the secret. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { ADMIN_CLIENT, adminToken } from '../support/adminClient.js';
import { auditLog, organizationPath, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { request } from '../support/client.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const ACME = 'Acme Robotics';
const GRACE = 'grace@example.com';
const PASSWORD = 'correct horse battery';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let api: AdminApi;
  let ada: Person;
  let acme: string;
  beforeAll(async () => {
    server = await stores.start({ config: ADMIN_CONFIG });
    api = await AdminApi.open(server);
    ada = await signedInPerson(server);
    acme = await organizationPath(server, ada, ACME);
  });
  afterAll(() => server?.stop());

  const organizationId = (): string => acme.split('/').at(-1) ?? '';
  const accountId = async (email: string): Promise<string> =>
    String((await api.all('/accounts', { email }))[0]?.id ?? 'none');
  const submit = async (person: Person, path: string, fields: Record<string, string> = {}): Promise<number> => {
    const page = await person.open(server.url('/account'));
    return (await post(person.browser, acme + path, { csrf_token: csrfOf(page), ...fields })).status;
  };
  /** What an admin sees once of the invitation: its link. */
  const invite = async (admin: Person, email: string): Promise<string> => {
    const form = await admin.open(`${acme}/members/add`);
    const page = await admin.browser.submit(form, 'button.primary', { email, 'role:account-admin': 'on' });
    const link = page.html.querySelector('#invitation-link')?.textContent;
    if (!link) throw new Error(`No link: ${page.status} ${page.html.textContent}`);
    return link;
  };
  const accept = async (link: string): Promise<Page> => {
    const browser = new Browser();
    return browser.submit(await browser.open(link), 'button.primary', { name: 'Eve', password: PASSWORD });
  };
  const withdrawals = async (email: string) =>
    (await auditLog(server, ada, ACME)).filter(
      (event) =>
        event.action === 'invitation.withdrawn' &&
        (event as unknown as { details: { email: string } }).details.email === email,
    );
  const imported = async (file: object): Promise<void> => {
    const path = join(server.dataDir, '..', 'import.json');
    await writeFile(path, JSON.stringify(file));
    await directory(server, 'import', path);
  };
  const asAdmin = async (): Promise<void> => {
    const path = `/organizations/${organizationId()}/members/${await accountId(GRACE)}`;
    const { status } = await api.put(path, { roles: [{ role: 'account-admin' }] });
    expect([200, 201]).toContain(status);
  };

  describe('an invitation by an admin', () => {
    const ends: [string, () => Promise<unknown>][] = [
      [
        'the owner demotes',
        async () => submit(ada, `/members/${await accountId(GRACE)}/roles`, { 'role:insights': 'on' }),
      ],
      ['the owner removes', async () => submit(ada, `/members/${await accountId(GRACE)}/remove`)],
      ['the operator demotes', () => directory(server, 'members', 'set-roles', ACME, GRACE, '--role', 'insights')],
      ['the operator removes', () => directory(server, 'members', 'remove', ACME, GRACE)],
      [
        'the Admin API demotes',
        async () =>
          api.put(`/organizations/${organizationId()}/members/${await accountId(GRACE)}`, {
            roles: [{ role: 'insights' }],
          }),
      ],
      [
        'the Admin API removes',
        async () => api.delete(`/organizations/${organizationId()}/members/${await accountId(GRACE)}`),
      ],
      [
        'an import demotes',
        () => imported({ members: [{ organization: ACME, account: GRACE, roles: [{ role: 'insights' }] }] }),
      ],
    ];

    test.each(ends)('is over at once when %s the inviter', async (what, end) => {
      await asAdmin();
      const email = `eve.${what.replaceAll(' ', '.').toLowerCase()}@example.com`;
      const link = await invite(await signedInPerson(server, GRACE), email);
      const opened = await new Browser().open(link);
      expect(opened.status).toBe(200);
      expect((await ada.open(`${acme}/members`)).html.textContent).toContain(email);

      await end();

      expect((await new Browser().open(link)).status).toBe(404);
      const page = await ada.open(`${acme}/members`);
      expect(page.html.textContent).not.toContain(email);
      expect(await withdrawals(email)).toHaveLength(1);
      expect(await accountId(email)).toBe('none');

      await asAdmin();
      expect((await new Browser().open(link)).status).toBe(404);
    });

    test('is not accepted by a page that was opened before', async () => {
      await asAdmin();
      const link = await invite(await signedInPerson(server, GRACE), 'opened@example.com');
      const browser = new Browser();
      const page = await browser.open(link);
      await directory(server, 'members', 'remove', ACME, GRACE);
      const answer = await browser.submit(page, 'button.primary', { name: 'Eve', password: PASSWORD });
      expect(answer.status).toBe(404);
      expect(await accountId('opened@example.com')).toBe('none');
    });

    test('is over when the account of the inviter is removed', async () => {
      await imported({
        accounts: [{ email: 'joan@example.com', name: 'Joan', password: 'demo-password', emailVerified: true }],
        members: [{ organization: ACME, account: 'joan@example.com', roles: [{ role: 'account-admin' }] }],
      });
      const link = await invite(await signedInPerson(server, 'joan@example.com'), 'gone@example.com');
      await directory(server, 'accounts', 'remove', 'joan@example.com');
      expect((await new Browser().open(link)).status).toBe(404);
      expect((await ada.open(`${acme}/members`)).html.textContent).not.toContain('gone@example.com');
      expect(await withdrawals('gone@example.com')).toHaveLength(1);
    });

    test('lives on when the inviter changes to roles that still administer, or another admin renewed it', async () => {
      await asAdmin();
      const email = 'renewed@example.com';
      const before = await invite(await signedInPerson(server, GRACE), email);
      await directory(server, 'members', 'set-roles', ACME, GRACE, '--role', 'account-admin');
      expect((await new Browser().open(before)).status).toBe(200);
      const list = await ada.open(`${acme}/members`);
      const row = list.html.querySelectorAll('tbody tr').find(({ textContent }) => textContent.includes(email));
      const action = row?.querySelector('form')?.getAttribute('action');
      const renewed = await ada.browser.submit(list, `form[action="${action}"]`);
      const link = renewed.html.querySelector('#invitation-link')?.textContent ?? '';
      await directory(server, 'members', 'remove', ACME, GRACE);
      expect((await accept(link)).status).toBe(200);
      expect(await accountId(email)).not.toBe('none');
    });

    test('of another organization, or by another admin, is left as it is', async () => {
      await asAdmin();
      const byOwner = await invite(ada, 'by-owner@example.com');
      const beacon = await organizationPath(server, await signedInPerson(server, GRACE), 'Beacon Labs');
      const grace = await signedInPerson(server, GRACE);
      const form = await grace.open(`${beacon}/members/add`);
      const page = await grace.browser.submit(form, 'button.primary', {
        email: 'elsewhere@example.com',
        'role:insights': 'on',
      });
      const elsewhere = page.html.querySelector('#invitation-link')?.textContent ?? '';
      await directory(server, 'members', 'remove', ACME, GRACE);
      expect((await new Browser().open(byOwner)).status).toBe(200);
      expect((await new Browser().open(elsewhere)).status).toBe(200);
    });
  });

  describe('a token for the Admin API', () => {
    const accounts = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await request(server.url('/admin/v1/accounts?email=ada@example.com'), { headers })).status;
    };
    /** Starts the server again with these secrets of the admin client; none: without the client. */
    const restartedWith = async (...clientSecrets: string[]): Promise<void> => {
      const adminClients = clientSecrets.length > 0 ? [{ clientId: ADMIN_CLIENT.id, clientSecrets }] : [];
      await writeFile(server.env.CONFIG_FILE ?? '', JSON.stringify({ ...ADMIN_CONFIG, adminClients }));
      await server.restart();
    };
    const hashed = (secret: string): string => `sha256:${createHash('sha256').update(secret).digest('hex')}`;
    const tokenFor = async (secret: string): Promise<string> =>
      String((await adminToken(server, { ...ADMIN_CLIENT, secret })).json.access_token);
    const [OLD, NEW] = [ADMIN_CLIENT.secret, 'a-newer-secret-of-the-portal-backend-0123456789'];

    test('ends with the secret that it was got with, and with no other', async () => {
      const old = await tokenFor(OLD);
      expect(await accounts(old)).toBe(200);
      await restartedWith(NEW, OLD);
      const next = await tokenFor(NEW);
      expect([await accounts(old), await accounts(next)]).toEqual([200, 200]);
      await restartedWith(hashed(NEW), hashed(OLD));
      expect([await accounts(old), await accounts(next)]).toEqual([200, 200]);
      await restartedWith(hashed(NEW));
      expect([await accounts(old), await accounts(next)]).toEqual([401, 200]);
      await restartedWith();
      expect([await accounts(old), await accounts(next)]).toEqual([401, 401]);
    });

    test('is good when its secret came with spaces for its plus signs', async () => {
      await restartedWith('a+secret+with+plus+signs+of+the+portal+backend');
      expect(await accounts(await tokenFor('a+secret+with+plus+signs+of+the+portal+backend'))).toBe(200);
    });
  });
});
