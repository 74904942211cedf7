/** Introspection over a connection that stays open, as a busy resource server asks. */
import { Agent, request } from 'node:http';
import { DEMO_RESOURCE_SERVER, form } from './client.js';
import type { TestServer } from './server.js';

export interface Introspector {
  /** The answer's status and text, over the one connection. */
  introspect(token: string): Promise<string>;
  /** How many of the requests found the connection open. */
  warm(): number;
  close(): void;
}

/** Asks one server over one connection, one question at a time. */
export function introspectorOf(server: TestServer): Introspector {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let warm = 0;
  return {
    introspect: (token) =>
      new Promise((resolve, reject) => {
        const body = form({ token }).toString();
        const headers = {
          ...DEMO_RESOURCE_SERVER,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': body.length,
        };
        const asked = request(server.url('/introspect'), { method: 'POST', agent, headers }, (answer) => {
          if (asked.reusedSocket) warm += 1;
          answer.setEncoding('utf8');
          answer.toArray().then((parts) => resolve(`${answer.statusCode} ${parts.join('')}`), reject);
        });
        asked.once('error', reject).end(body);
      }),
    warm: () => warm,
    close: () => agent.destroy(),
  };
}
