/** The step after consent, opened many times at once or again: there is one code, for the session that answered (RFC 9700 §2.1.1). */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { signedInPerson } from '../support/audit.js';
import { leadsTo, type Page } from '../support/browser.js';
import { type Answer, answerOf, TestClient, tokensOf } from '../support/client.js';
import { awayAt, CRASH, crashAt, crashPoints, writesOf } from '../support/crashing.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { offeredOrganizations, type Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const AT_ONCE = 8;

/** Answers a request to connect; where the browser is sent next, which is not opened. */
const answered = async (person: Person, consent: Page, decision: 'approve' | 'deny'): Promise<URL> => {
  const organization = offeredOrganizations(consent).find(({ label }) => label.includes('Acme Robotics'));
  const fields = { csrf_token: csrfOf(consent), organization_id: organization?.id ?? '', decision };
  const { status, headers } = await post(person.browser, consent.url, fields);
  expect(status).toBe(303);
  return new URL(headers.get('location') ?? '', consent.url);
};

/** Opens an address with the cookies that the browser has for it at this moment, however often that is done. */
const opener = async (person: Person, resume: URL): Promise<(server: TestServer) => Promise<Answer>> => {
  const cookie = await person.browser.jar.getCookieString(resume.href);
  return async ({ port }) =>
    answerOf(
      await fetch(`http://localhost:${port}${resume.pathname}`, {
        headers: { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' },
        redirect: 'manual',
      }),
    );
};

const sentTo = ({ status, headers, text }: Answer): URL | undefined => {
  const location = leadsTo(status, headers, text);
  return location === undefined ? undefined : new URL(location);
};

const codeOf = (answer: Answer): string => sentTo(answer)?.searchParams.get('code') ?? `none (${answer.status})`;

/** A page that says that the person has answered, and leads nowhere. */
const isAnswered = ({ status, headers, text }: Answer): void => {
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/html/);
  expect(headers.get('location')).toBeNull();
  expect(headers.get('refresh')).toBeNull();
  expect(text).toContain('You have answered');
  expect(text).not.toContain('code=');
};

await describeOnEachStore((stores) => {
  let servers: [TestServer, TestServer];
  let client: TestClient;
  let ada: Person;
  beforeAll(async () => {
    const first = await stores.start({ preload: [CRASH] });
    servers = [first, await stores.startBeside(first)];
    client = await TestClient.register(first);
    ada = await signedInPerson(first);
  });
  afterAll(async () => {
    await servers?.[1].stop();
    await servers?.[0].stop();
  });

  test.each([1, 2, 3])('of many at once on two servers there is one code, which works once (round %i)', async () => {
    const { url, verifier } = client.authorize();
    const open = await opener(ada, await answered(ada, await ada.openConsent(url), 'approve'));
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => open(servers[n % 2 === 0 ? 0 : 1])));
    const codes = new Set([...answers, await open(servers[1])].map((answer) => codeOf(answer)));
    expect(codes.size).toBe(1);
    const [code = ''] = codes;
    tokensOf(await client.exchange(code, verifier));
    isAnswered(await open(servers[0]));
  });

  test('a denial stays one, and there is no code after it', async () => {
    const open = await opener(ada, await answered(ada, await ada.openConsent(client.authorize().url), 'deny'));
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => open(servers[n % 2 ? 0 : 1])));
    const sent = new Set([...answers, await open(servers[0])].map((answer) => sentTo(answer)?.href));
    expect(sent.size).toBe(1);
    expect(new URL([...sent][0] ?? '').searchParams.get('error')).toBe('access_denied');
  });

  test('before the person has answered, it leads back to the question and leaves nothing behind', async () => {
    const { url, verifier } = client.authorize();
    const consent = await ada.openConsent(url);
    const resume = new URL(servers[0].url(`/authorize/${consent.url.pathname.split('/').at(-1)}`));
    const open = await opener(ada, resume);
    for (const server of servers) {
      const { status, headers } = await open(server);
      expect(`${status} ${headers.get('location')}`).toBe(`303 ${consent.url.pathname}`);
      expect(headers.getSetCookie()).toEqual([]);
    }
    const again = await opener(ada, await answered(ada, await ada.open(consent.url), 'approve'));
    const code = sentTo(await again(servers[0]))?.searchParams.get('code') ?? '';
    tokensOf(await client.exchange(code, verifier));
  });

  test('takes no parameters: with those of a request it shows an error here, and leads nowhere', async () => {
    const { url } = client.authorize();
    const address = url.replace('/authorize?', '/authorize/unknown?');
    for (const destination of ['document', 'iframe', 'image']) {
      const headers = { accept: 'text/html', 'sec-fetch-dest': destination };
      const answer = await answerOf(await fetch(address, { headers, redirect: 'manual' }));
      expect(answer.status).toBe(400);
      expect(sentTo(answer)).toBeUndefined();
      expect(answer.text).not.toContain('error=');
    }
  });

  test('after the person has signed out, the old cookies give no code', async () => {
    const person = await signedInPerson(servers[0]);
    const open = await opener(
      person,
      await answered(person, await person.openConsent(client.authorize().url), 'approve'),
    );
    expect(codeOf(await open(servers[0]))).not.toMatch(/^none/);
    const page = await person.open(servers[0].url('/account'));
    await post(person.browser, servers[0].url('/logout'), { csrf_token: csrfOf(page) });
    const answer = await open(servers[0]);
    expect(answer.status).toBe(400);
    expect(sentTo(answer)).toBeUndefined();
  });

  test.each(['another browser', 'no cookies'])('from %s it gives nothing, and takes nothing away', async (who) => {
    const { url } = client.authorize();
    const resume = await answered(ada, await ada.openConsent(url), 'approve');
    const other = await signedInPerson(servers[0]);
    if (who === 'another browser') await other.openConsent(client.authorize().url);
    const theirs = await (await opener(other, resume))(servers[0]);
    expect(`${theirs.status} ${theirs.headers.get('location')}`).toBe('400 null');
    expect(sentTo(await (await opener(ada, resume))(servers[0]))?.searchParams.has('code')).toBe(true);
  });

  test('a store that does not answer uses nothing up: the same step gives the code afterwards', async () => {
    const [server] = servers;
    const step = async () => {
      const { url, verifier } = client.authorize();
      return { resume: await answered(ada, await ada.openConsent(url), 'approve'), verifier };
    };
    const first = await step();
    const writes = await writesOf(server, () => ada.browser.send(first.resume));
    // The last one tidies up after the answer was claimed.
    expect(writes).toBe(3);
    for (const write of [1, 2]) {
      const { resume, verifier } = await step();
      await awayAt(server, write);
      const during = await answerOf(await ada.browser.send(resume));
      expect(`${during.status} ${during.headers.get('location')}`).toBe('503 null');
      expect(during.headers.getSetCookie()).toEqual([]);
      const code = sentTo(await answerOf(await ada.browser.send(resume)))?.searchParams.get('code') ?? '';
      tokensOf(await client.exchange(code, verifier));
    }
    const { resume, verifier } = await step();
    await awayAt(server, 3);
    const code = sentTo(await answerOf(await ada.browser.send(resume)))?.searchParams.get('code') ?? '';
    tokensOf(await client.exchange(code, verifier));
  });

  test('a server that dies in the middle leaves one code, which the same session gets', async () => {
    const [server] = servers;
    for (const point of crashPoints(2, false)) {
      const { url, verifier } = client.authorize();
      const resume = await answered(ada, await ada.openConsent(url), 'approve');
      await crashAt(server, point, () => ada.browser.send(resume));
      const [after, again] = [await ada.browser.send(resume), await ada.browser.send(resume)];
      const code = codeOf(await answerOf(after));
      expect(codeOf(await answerOf(again))).toBe(code);
      tokensOf(await client.exchange(code, verifier));
    }
  });
});
