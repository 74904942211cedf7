/** One signed-in person changes things as fast as the server answers; each change would be in the audit log for ever. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Limits } from '../../src/configFile/limits.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import type { Answer } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const LONG = process.env.LONG === '1';
/** How many forms an account may post, and how many it tries to: of the real limit ten times as many, with LONG=1. */
const [LIMIT, TRIES] = LONG ? [Limits.parse({}).rates.changePerAccount.events, 6_000] : [40, 400];
const AT_ONCE = 10;

const config = {
  ...JSON.parse(readFileSync('config/default.json', 'utf8')),
  ...(LONG ? {} : { limits: { rates: { changePerAccount: { events: LIMIT, seconds: 3_600 } } } }),
};

const events = async (server: TestServer, person: Person): Promise<unknown[]> => {
  const path = await organizationPath(server, person, 'Acme Robotics');
  return (await person.browser.send(new URL(`${path}/audit.json`))).json() as Promise<unknown[]>;
};

await describeOnEachStore((stores) => {
  let server: TestServer;
  let ada: Person;
  let settings: string;
  let token: string;
  beforeAll(async () => {
    server = await stores.start({ config });
    ada = await signedInPerson(server);
    settings = `${await organizationPath(server, ada, 'Acme Robotics')}/settings`;
    token = csrfOf(await ada.open(settings));
  });
  afterAll(() => server?.stop());

  const change = (path: string, fields: Record<string, string> = {}): Promise<Answer> =>
    post(ada.browser, path, { csrf_token: token, ...fields });

  test('switches beyond the limit are refused with 429 and Retry-After, and leave no audit event', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < TRIES; n += AT_ONCE)
      answers.push(
        ...(await Promise.all(
          Array.from({ length: AT_ONCE }, (_, m) =>
            change(`${settings}/mcp-access`, { mcp_access: m % 2 === 0 ? 'off' : 'on' }),
          ),
        )),
      );
    const counted = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect({ done: counted(303), refused: counted(429) }).toEqual({ done: LIMIT, refused: TRIES - LIMIT });
    const retry = Number(answers.find(({ status }) => status === 429)?.headers.get('retry-after'));
    expect(retry).toBeGreaterThan(0);
    expect(retry).toBeLessThanOrEqual(3_600);
    const before = (await events(server, ada)).length;
    expect(before).toBeLessThanOrEqual(LIMIT + 5);
    expect((await change(`${settings}/mcp-access`, { mcp_access: 'on' })).status).toBe(429);
    expect(await events(server, ada)).toHaveLength(before);
  });

  const everyForm = [
    'account/name',
    'account/password',
    'account/organization',
    'account/sessions/end',
    'account/sessions/end-others',
    'account/connections/con_of_no_one/remove',
    'organizations/new',
    'invitations/none',
    'interaction/none',
    'login',
  ];
  test.each(everyForm)('the form /%s is under the same limit', async (path) => {
    expect((await change(server.url(`/${path}`))).status).toBe(429);
  });

  const ofOrganizations = ['members/add', 'members/acc_none/roles', 'members/acc_none/remove', 'connections/remove'];
  test.each(ofOrganizations)('and /organizations/:id/%s', async (path) => {
    expect((await change(settings.replace('settings', path))).status).toBe(429);
  });

  test('another account goes on, and a forged form does not use up the limit', async () => {
    const grace = await signedInPerson(server, 'grace@example.com');
    const own = csrfOf(await grace.open(settings));
    for (let n = 0; n <= LIMIT; n += 1) await post(grace.browser, `${settings}/mcp-access`, { csrf_token: token });
    const answer = await post(grace.browser, `${settings}/mcp-access`, { csrf_token: own, mcp_access: 'on' });
    expect(answer.status).toBe(303);
  });

  test('signing out is always possible', async () => {
    expect((await change(server.url('/logout'))).status).toBe(303);
  });
});

describe('The limit of the default configuration', () => {
  test('is generous for people', () => {
    expect(Limits.parse({}).rates.changePerAccount).toEqual({ events: 600, seconds: 3_600 });
  });
});
