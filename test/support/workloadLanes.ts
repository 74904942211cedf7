/** What each participant of a workload does, over and over. */

import type { Page } from './browser.js';
import { type Answer, introspect, type TestClient, tokensOf } from './client.js';
import { formsOf } from './formsOf.js';
import { offeredOrganizations, Person } from './person.js';
import type { Workload } from './workload.js';

type Step = () => Promise<void>;

const answerOf = ({ status, headers, html }: Page): Answer => ({ status, headers, text: html.textContent, json: {} });

/** A client that refreshes its tokens. */
export async function refreshOn(work: Workload, client: TestClient, n: number): Promise<Step> {
  let newest = work.held(await work.client(0).connect());
  work.newest.set(n, newest);
  let firstTried: number | undefined;
  return async () => {
    // A repeat gets the response of the first try, whose access token went with the Redis of that time.
    firstTried ??= work.redisLife;
    const answer = await work.ask('refresh', [200], () => client.refresh(newest.refreshToken));
    if (!answer) return;
    newest = work.held(tokensOf(answer), firstTried);
    firstTried = undefined;
    work.newest.set(n, newest);
  };
}

/** A resource server that is called with the tokens of a refreshing client. */
export function introspectOn(work: Workload, client: TestClient, n: number): Step {
  return async () => {
    const held = work.newest.get(n);
    if (!held) return;
    const answer = await work.ask('introspection', [200], () => introspect(client.server, held.accessToken));
    if (answer && answer.json.active !== true && !work.isLost(held))
      work.wrong.push(`introspection of a living token: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
}

/** A person who authorizes a client, which now and then revokes what it got. */
export async function connectAndRevoke(work: Workload, client: TestClient): Promise<Step> {
  const person = new Person('grace@example.com');
  let times = 0;
  return async () => {
    // Browsers are led to the issuer's own address, which is the first server's.
    const authorization = work.client(0).authorize();
    let left: URL | undefined;
    // Whoever was signed out by a lost Redis, or finds the request gone, sees a page that says so.
    await work.ask('authorization', [200, 303, 400, 403, 404], async () => {
      const page = await person.openConsent(authorization.url);
      if (offeredOrganizations(page).length === 0) return answerOf(page);
      const decided = await person.decide(page, 'Acme Robotics');
      left = decided.leftFor;
      return answerOf(decided);
    });
    const code = left?.searchParams.get('code');
    if (!code) return;
    const exchanged = await work.ask('exchange', [200, 400], () => client.exchange(code, authorization.verifier));
    if (exchanged?.status !== 200) return;
    const held = work.held(tokensOf(exchanged));
    times += 1;
    if (times % 2 === 0) {
      work.connected.push(held);
      return;
    }
    if (await work.ask('revocation', [200], () => client.revoke(held.refreshToken))) work.removed.push(held);
  };
}

/** An admin who moves the switch of an organization. */
export async function moveSwitch(work: Workload, client: TestClient): Promise<Step> {
  const { server } = client;
  const grace = new Person('grace@example.com');
  let post = await formsOf(server, grace);
  work.switched = work.held(await client.connect({ organization: 'Beacon Labs' }));
  const organization = String((await introspect(server, work.switched.accessToken)).json.org_id);
  let on = true;
  work.mcpAccess = on;
  return async () => {
    const before = work.mcpAccess;
    work.mcpAccess = undefined;
    on = !on;
    let where = '';
    const fields = { mcp_access: on ? 'on' : 'off' };
    const answer = await work.ask('switch', [303, 403], async () => {
      const [status, location = ''] = (await post(`/organizations/${organization}/settings/mcp-access`, fields)).split(
        ' ',
      );
      where = location;
      return { status: Number(status), headers: new Headers({ 'retry-after': '5' }), text: location, json: {} };
    });
    if (answer && where.endsWith(`mcp-access=${fields.mcp_access}`)) {
      work.mcpAccess = on;
      return;
    }
    // Signed out, or refused before anything was done: the switch stands where it stood.
    if (!answer) return;
    work.mcpAccess = before;
    await work.ask('sign-in', [200], async () => {
      post = await formsOf(server, new Person('grace@example.com'));
      return { status: 200, headers: new Headers(), text: '', json: {} };
    });
  };
}
