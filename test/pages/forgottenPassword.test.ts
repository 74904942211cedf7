import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAccount } from '../../src/accounts/createAccount.js';
import { auditEvents } from '../../src/stores/records/auditEvent.js';
import { introspect, TestClient } from '../support/client.js';
import { type SeededConnection, seedConnection } from '../support/connectionSeed.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { inStoreOf } from './browser/seed.js';

const EMAIL = 'vera@example.com';

let server: TestServer;
let mail: MailServer;

beforeAll(async () => {
  mail = await startMailServer();
  server = await startServer({ env: { SMTP_URL: mail.url } });
});
afterAll(async () => {
  await server?.stop();
  await mail?.stop();
});

const ask = async (person: Person, email: string) => {
  const page = await person.open(server.url('/password/forgotten'));
  return person.browser.submit(page, 'input[name=email]', { email });
};
const arrived = async (count: number) => {
  for (let wait = 0; mail.messages.length < count && wait < 100; wait++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return mail.messages[count - 1];
};

describe('a forgotten password', () => {
  test('is set anew by a mailed link, which works once and ends all sessions', async () => {
    const signedIn = new Person('ada@example.com');
    await signedIn.signIn(await signedIn.open(server.url('/login')));
    const person = new Person('ada@example.com');
    const answer = await ask(person, 'Ada@Example.com');
    expect(answer.html.textContent).toContain('If that address has an account');
    const message = (await arrived(1)) ?? '';
    expect(message).toContain('To: ada@example.com');
    const link = linkIn(message);
    expect(link).toMatch(new RegExp(`^${server.url('/password/reset/')}[\\w-]{43}$`));

    const page = await person.open(link);
    expect(page.html.textContent).toContain('ada@example.com');
    const refused = await person.browser.submit(page, 'input[name=new_password]', { new_password: 'short' });
    expect(refused.status).toBe(400);
    expect(refused.html.querySelector('#new-password-error')?.textContent).toContain('at least 8 characters');
    const done = await person.browser.submit(refused, 'input[name=new_password]', { new_password: 'a new password' });
    expect(done.url.pathname).toBe('/login');
    expect(done.html.textContent).toContain('Your password was changed.');

    expect((await person.open(link)).status).toBe(404);
    expect((await signedIn.open(server.url('/account'))).url.pathname).toBe('/login');
    expect((await person.signIn(done)).status).toBe(401);
    expect((await person.signIn(done, 'a new password')).url.pathname).toBe('/account/connections');
    expect(server.output()).not.toContain(link.split('/').at(-1));
  });

  test('ends the connections too while nobody has shown that the address is theirs, and none afterwards', async () => {
    const client = await TestClient.register(server);
    const active = async ({ accessToken }: SeededConnection) => (await introspect(server, accessToken)).json.active;
    const reset = async (password: string) => {
      const person = new Person();
      const before = mail.messages.length;
      await ask(person, EMAIL);
      const link = linkIn((await arrived(before + 1)) ?? '');
      await person.browser.submit(await person.open(link), 'input[name=new_password]', { new_password: password });
    };
    await inStoreOf(server, (stores) => createAccount(stores, { kind: 'operator' }, { email: EMAIL, name: 'Vera' }));
    const connected = () => inStoreOf(server, (stores) => seedConnection(stores, client, EMAIL, 'Vera (personal)'));
    const formerHolders = await connected();
    expect(await active(formerHolders)).toBe(true);
    await reset('a first password');
    expect(await active(formerHolders)).toBe(false);
    expect((await client.refresh(formerHolders.refreshToken)).json.error).toBe('invalid_grant');
    const { organizationId } = formerHolders;
    const logged = await inStoreOf(server, ({ durable }) =>
      durable.list(auditEvents, 'byOrganization', [organizationId]),
    );
    const details = { connections: 1, by: expect.stringContaining('before its address was verified') };
    expect(logged.at(-1)).toMatchObject({ action: 'connection.removed', details });

    const own = await connected();
    await server.advance(61_000);
    await reset('a second password');
    expect(await active(own)).toBe(true);
  });

  test('gets the same answer for an address without account, and no mail', async () => {
    const before = mail.messages.length;
    const known = await ask(new Person(), 'grace@example.com');
    const unknown = await ask(new Person(), 'nobody@example.com');
    const text = ({ html, url }: typeof known) => url.pathname + url.search + html.textContent;
    expect(text(unknown)).toBe(text(known));
    await arrived(before + 1);
    expect(mail.messages.slice(before).join()).not.toContain('nobody@example.com');
  });

  test('a link that nobody was given is no page', async () => {
    expect((await new Person().open(server.url(`/password/reset/${'a'.repeat(43)}`))).status).toBe(404);
  });

  test('is not offered where no mail can be sent', async () => {
    const without = await startServer();
    const person = new Person();
    expect((await person.open(without.url('/login'))).html.textContent).not.toContain('Forgotten');
    expect((await person.open(without.url('/password/forgotten'))).status).toBe(404);
    await without.stop();
  });
});
