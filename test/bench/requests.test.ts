/** What the connections of the load send: everything once, and what was made together at about the same time. */
import { expect, test } from '@jest/globals';
import { requestsOf } from '../../scripts/bench/compare/requests.js';

const CONNECTIONS = 8;
const asked = Array.from({ length: 5 * CONNECTIONS }, (_, n) => ({ path: '/token', headers: {}, body: `code=${n}` }));

test('the requests of a job are dealt out, so that those under way at once are neighbours', () => {
  const job = { port: 1, asked, connections: CONNECTIONS, pipelining: 1 };
  const shares = Array.from({ length: CONNECTIONS }, (_, nth) =>
    requestsOf(job, nth, () => undefined).map(({ body }) => String(body)),
  );
  const sent = [0, 1, 2, 3, 4].flatMap((turn) => shares.map((share) => share[turn]));
  expect(sent).toEqual(asked.map(({ body }) => body));
});
