/** Requests that arrive together are handled one a turn of the event loop. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { oneATurn } from '../../src/http/oneATurn.js';

const REQUESTS = 30;
const bodies = Array.from({ length: REQUESTS }, (_, n) => `request ${n}`);

/**
 * Sends requests in one piece, so that they arrive in one turn.
 * @returns the turn in which each was handled, in the order in which they were, and all that was answered
 */
async function handledBy(under: (handler: RequestListener) => RequestListener) {
  let turn = 0;
  let counting = true;
  const count = (): void => {
    turn += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const turns: number[] = [];
  const handler: RequestListener = (req, res) => {
    turns.push(turn);
    void text(req).then((body) => res.end(`<${body}>`));
  };
  const server = createServer(under(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const head = (body: string, last: boolean) =>
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
  socket.write(bodies.map((body, n) => head(body, n === REQUESTS - 1) + body).join(''));
  const answered = await text(socket);
  counting = false;
  server.close();
  return { turns, answered: [...answered.matchAll(/<(.*)>/g)].map(([, body]) => body) };
}

test('each in a turn of its own, in their order, with nothing lost of what they sent', async () => {
  const { turns, answered } = await handledBy(oneATurn);
  expect(new Set(turns).size).toBe(REQUESTS);
  expect(answered).toEqual(bodies);
});

test('which are otherwise handled in one', async () => {
  const { turns, answered } = await handledBy((handler) => handler);
  expect(new Set(turns).size).toBe(1);
  expect(answered).toEqual(bodies);
});
