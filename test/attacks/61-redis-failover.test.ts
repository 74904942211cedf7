/** A replica of Redis takes over without the last writes: what was ended or used up by then stays so. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { signedInPerson } from '../support/audit.js';
import type { Page } from '../support/browser.js';
import { introspect, request, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, startMailServer } from '../support/mailServer.js';
import { Person } from '../support/person.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import { describeWith } from '../support/services.js';

(await describeWith('a mongod of its own', 'redis-server'))('After a failover of Redis', () => {
  let servers: ProductionServers;
  let mail: Awaited<ReturnType<typeof startMailServer>>;
  let redis: Redis;
  beforeAll(async () => {
    mail = await startMailServer();
    servers = await startProductionServers({ env: { SMTP_URL: mail.url } });
    redis = new Redis(servers.redis.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await servers?.stop();
    await mail?.stop();
  });

  /** Does something, then brings Redis back to what it had before. */
  const lost = async (doing: () => Promise<unknown>): Promise<void> => {
    const keys = await redis.keysBuffer('*');
    const kept = await Promise.all(
      keys.map(async (key) => [key, await redis.dumpBuffer(key), await redis.pttl(key)] as const),
    );
    await doing();
    await redis.flushall();
    for (const [key, value, ttl] of kept) if (value) await redis.restore(key, Math.max(ttl, 0), value, 'REPLACE');
  };
  const isSignedIn = async (person: Person): Promise<boolean> =>
    (await person.open(servers.b.url('/account'))).url.pathname === '/account';
  const url = (path: string) => servers.a.url(path);
  const submit = async (person: Person, path: string, fields: Record<string, string>) => {
    const page: Page = await person.open(url('/account'));
    const answer = await post(person.browser, url(path), { csrf_token: csrfOf(page), ...fields });
    expect(answer.status).toBe(303);
  };

  test('the harness does bring a session back that nothing but Redis knew', async () => {
    const person = await signedInPerson(servers.a);
    await lost(() => redis.flushall());
    expect(await isSignedIn(person)).toBe(true);
  });

  test('a person who signed out is signed out, also with a cookie that was copied before', async () => {
    const person = await signedInPerson(servers.a);
    const copy = new Person();
    for (const cookie of await person.browser.jar.getCookies(url('/')))
      await copy.browser.jar.setCookie(cookie.toString(), url('/'));
    expect(await isSignedIn(copy)).toBe(true);
    await lost(() => submit(person, '/logout', {}));
    expect(await isSignedIn(copy)).toBe(false);
    expect(await isSignedIn(person)).toBe(false);
  });

  test('a session that was ended from another browser stays ended and is not listed', async () => {
    const [mine, other] = [
      await signedInPerson(servers.a, 'grace@example.com'),
      await signedInPerson(servers.a, 'grace@example.com'),
    ];
    const listed = async () =>
      (await mine.open(url('/account'))).html
        .querySelectorAll('form[action$="/account/sessions/end"] input[name=session]')
        .map((input) => input.getAttribute('value') ?? '');
    const [session = ''] = await listed();
    await lost(() => submit(mine, '/account/sessions/end', { session }));
    expect(await isSignedIn(other)).toBe(false);
    expect(await isSignedIn(mine)).toBe(true);
    expect(await listed()).not.toContain(session);
  });

  test('the session before a new sign-in of the same browser is over', async () => {
    const person = await signedInPerson(servers.a);
    const copy = new Person();
    for (const cookie of await person.browser.jar.getCookies(url('/')))
      await copy.browser.jar.setCookie(cookie.toString(), url('/'));
    await lost(async () => person.signIn(await person.open(url('/login?again=1'))));
    expect(await isSignedIn(copy)).toBe(false);
  });

  test('sessions that were ended all at once stay ended', async () => {
    const [mine, other] = [await signedInPerson(servers.a), await signedInPerson(servers.a)];
    await lost(() => submit(mine, '/account/sessions/end-others', {}));
    expect(await isSignedIn(other)).toBe(false);
  });

  test('more than fifty sign-outs end all sessions, and no record grows without end', async () => {
    const browser = await signedInPerson(servers.a, 'linus@example.com');
    const staying = await signedInPerson(servers.a, 'linus@example.com');
    for (let n = 0; n < 51; n++) await browser.signIn(await browser.open(url('/login?again=1')));
    expect(await isSignedIn(staying)).toBe(false);
    const again = await signedInPerson(servers.a, 'linus@example.com');
    expect(await isSignedIn(again)).toBe(true);
    // Passwords are hashed at a low priority: on a busy machine 53 sign-ins take their time.
  }, 90_000);

  test('a code that was exchanged ends its connection when it is used again', async () => {
    const client = await TestClient.register(servers.a);
    const { code, verifier } = await client.codeFor(await signedInPerson(servers.a));
    let token = '';
    await lost(async () => {
      token = String((await client.exchange(code, verifier)).json.access_token);
    });
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(servers.b, token)).json).toEqual({ active: false });
  });

  test('tokens of a connection that was revoked are worth nothing', async () => {
    const client = await TestClient.register(servers.a);
    const tokens = await client.connect();
    await lost(() => client.revoke(tokens.refreshToken));
    expect((await introspect(servers.b, tokens.accessToken)).json).toEqual({ active: false });
    expect((await client.refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('a link to set a password that was used sets no other', async () => {
    const person = new Person();
    const page = await person.open(url('/password/forgotten'));
    await person.browser.submit(page, 'input[name=email]', { email: 'ada@example.com' });
    const link = linkIn(await mail.messageTo('ada@example.com'));
    const form = await person.open(link);
    const set = (new_password: string) => post(person.browser, link, { csrf_token: csrfOf(form), new_password });
    await lost(async () => expect((await set('demo-password')).status).toBe(303));
    expect((await set('password of a thief')).status).toBe(404);
    expect((await request(url('/health/ready'))).status).toBe(200);
  });
});
