/** A server on a seeded store, used as resource servers, people and admins use it: over HTTP. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { PageVisit } from '../pages/pageVisit.js';
import { startServer } from '../startedServer.js';
import { issueTokens } from './accessTokens.js';
import { emailOf, organizationId, pick, sizes } from './population.js';
import { PASSWORD, type SeededStores } from './seededStores.js';

/** So many people look at their connections in turns. */
const PEOPLE = 100;
const AUTHORIZATION = `Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;
const SWITCH = `/organizations/${organizationId(0)}/settings/mcp-access`;

/** What is measured; the round chooses whom it is about. */
export interface Served {
  introspect(round: number): Promise<void>;
  listConnections(round: number): Promise<void>;
  moveSwitch(round: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a server and signs people in.
 * @param tokens how many access tokens there are to introspect
 */
export async function serve({ stores, env }: SeededStores, total: number, tokens: number): Promise<Served> {
  const values = await issueTokens(stores, total, tokens);
  const server = await startServer({ ...env, ...(env.MONGODB_URI ? keys() : {}) });
  const people: PageVisit[] = [];
  for (let n = 0; n < PEOPLE; n += 1) {
    const person = new PageVisit(server.issuer);
    await person.signIn(emailOf(n === 0 ? 0 : pick(n, sizes(total).accounts)), PASSWORD);
    people.push(person);
  }
  const [owner] = people as [PageVisit];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    introspect: (round) => introspect(server.port, agent, values[round % tokens] ?? ''),
    async listConnections(round) {
      const page = await people[round % PEOPLE]?.get('/account/connections');
      const rows = page?.match(/data-label="Expiration"/g)?.length;
      if (rows !== 10) throw new Error(`${rows} connections.`);
    },
    moveSwitch: (round) => owner.post(SWITCH, { mcp_access: round % 2 === 1 ? 'on' : 'off' }),
    async stop() {
      agent.destroy();
      await server.stop();
    },
  };
}

const keys = () => ({
  COOKIE_KEYS: randomBytes(32).toString('hex'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  DEMO_DIRECTORY: '0',
});

async function introspect(port: number, agent: Agent, token: string): Promise<void> {
  const body = `token=${token}`;
  const headers = {
    authorization: AUTHORIZATION,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  };
  const asked = request({ port, host: '127.0.0.1', path: '/introspect', method: 'POST', agent, headers });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  const text = (await answer.setEncoding('utf8').toArray()).join('');
  if (!text.startsWith('{"active":true')) throw new Error(text);
}
