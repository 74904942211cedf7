import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { csrfOf, post } from '../support/forms.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { signedIn } from './organizationVisit.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const profile = () => server.url('/account');
const sessions = async (person: Person) =>
  (await person.open(profile())).html.querySelectorAll('input[name=session]').map((one) => one.getAttribute('value'));

describe('profile settings', () => {
  test('a new name is shown everywhere', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const saved = await grace.browser.submit(await grace.open(profile()), 'input[name=name]', {
      name: '  Rear Admiral Hopper ',
    });
    expect(saved.html.querySelector('[role=status]')?.textContent).toContain('Your name was changed.');
    expect(saved.html.querySelector('#name')?.getAttribute('value')).toBe('Rear Admiral Hopper');
    expect(saved.html.querySelector('.menu-person')?.textContent).toContain('Rear Admiral Hopper');
  });

  test('a name that is none is shown again with the reason', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const refused = await grace.browser.submit(await grace.open(profile()), 'input[name=name]', {
      name: 'x'.repeat(201),
    });
    expect(refused.status).toBe(400);
    const field = refused.html.querySelector('#name');
    expect(field?.getAttribute('aria-invalid')).toBe('true');
    expect(refused.html.querySelector(`#${field?.getAttribute('aria-describedby')}`)?.textContent).toContain(
      'at most 200',
    );
  });

  test('a session is ended by its owner only', async () => {
    const [ada, elsewhere, linus] = [
      await signedIn(server, 'ada@example.com'),
      await signedIn(server, 'ada@example.com'),
      await signedIn(server, 'linus@example.com'),
    ];
    const [session = ''] = await sessions(ada);
    await signedIn(server, 'linus@example.com');
    await linus.browser.submit(await linus.open(profile()), 'input[name=session]', { session: session ?? '' });
    expect((await elsewhere.open(profile())).url.pathname).toBe('/account');
    await ada.browser.submit(await ada.open(profile()), 'input[name=session]');
    expect((await elsewhere.open(profile())).url.pathname).toBe('/login');
    expect((await ada.open(profile())).url.pathname).toBe('/account');
  });

  test('what names no session ends none, however long it is', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    for (const session of ['', 'x'.repeat(5_000)]) {
      const fields = { csrf_token: csrfOf(await ada.open(profile())), session };
      expect((await post(ada.browser, server.url('/account/sessions/end'), fields)).status).toBe(303);
    }
    expect((await ada.open(profile())).url.pathname).toBe('/account');
  });

  test('one signs out everywhere else and stays here', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => signedIn(server, 'linus@example.com')));
    const [here, ...others] = people as [Person, ...Person[]];
    const after = await here.browser.submit(await here.open(profile()), 'form[action$="/end-others"]');
    expect(after.url.pathname).toBe('/account');
    expect(await sessions(here)).toEqual([]);
    for (const other of others) expect((await other.open(profile())).url.pathname).toBe('/login');
  });

  test('a cookie of before is worth nothing after the password was changed', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const stolen = await ada.browser.jar.getCookieString(server.issuer);
    const changed = await ada.browser.submit(await ada.open(profile()), 'input[name=current_password]', {
      current_password: 'demo-password',
      new_password: 'a better password',
    });
    expect(changed.html.querySelector('[role=status]')?.textContent).toContain('Your password was changed.');
    const answer = await fetch(profile(), { headers: { cookie: stolen }, redirect: 'manual' });
    expect(answer.headers.get('location')).toMatch(/^\/login/);
    await server.restart();
    expect((await ada.open(profile())).url.pathname).toBe('/account');
  });
});
