/** Clients that are slow, silent or idle are given up within the bounds that `server.ts` sets, here made short. */
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerFields } from '../../src/http/answerFields.js';
import { type Listening, listen, PATIENCE } from '../../src/server.js';

const SHORT = { headers: 300, request: 600, idle: 300, stalled: 1_500, lookedAfter: 50 };

/** Tells of each large answer. */
const answers = new EventEmitter();

let server: Listening;
beforeAll(async () => {
  const address = { host: '127.0.0.1', port: 0, variable: 'PORT' } as const;
  server = await listen(
    address,
    (req, res) => {
      req.resume();
      req.on('end', () => {
        res.end(req.url === '/much' ? Buffer.alloc(50_000_000) : 'done');
        if (req.url === '/much') answers.emit('much', res);
      });
    },
    answerFields(false),
    SHORT,
  );
});
afterAll(() => server.drain(0));

/** Sends a text, then a byte every 50 ms until the server closes; tells what came and how long that took. */
const trickle = async (text: string): Promise<{ answer: string; ms: number }> => {
  const startedAt = performance.now();
  const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  socket.on('data', (part: string) => {
    answer += part;
  });
  socket.on('error', () => undefined);
  socket.write(text);
  const trickling = setInterval(() => socket.write('a'), 50);
  await once(socket, 'close');
  clearInterval(trickling);
  return { answer, ms: performance.now() - startedAt };
};

const closedAfter = async (socket: Socket): Promise<number> => {
  const startedAt = performance.now();
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
  return performance.now() - startedAt;
};

test('headers that trickle in get 408', async () => {
  const { answer, ms } = await trickle('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  expect(answer).toMatch(/^HTTP\/1\.1 408/);
  expect(ms).toBeLessThan(5_000);
});

test('a body that trickles in gets 408', async () => {
  const { answer, ms } = await trickle('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 408/);
  expect(ms).toBeGreaterThan(SHORT.request);
  expect(ms).toBeLessThan(5_000);
});

test('a connection on which nothing is asked is closed', async () => {
  expect(await closedAfter(connect(server.port, '127.0.0.1'))).toBeLessThan(5_000);
});

test('a connection is kept for the next request, and closed when none comes', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  expect(await closedAfter(socket)).toBeLessThan(5_000);
});

test('an answer that nobody reads does not keep its connection', async () => {
  const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
  const answering = once(answers, 'much') as Promise<[ServerResponse]>;
  socket.write('GET /much HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await answering;
  const startedAt = performance.now();
  await once(answer, 'close');
  const ms = performance.now() - startedAt;
  expect(ms).toBeGreaterThan(SHORT.stalled / 2);
  expect(ms).toBeLessThan(5_000);
  socket.destroy();
});

test('the real bounds: proxies close idle connections first, headers come before bodies', () => {
  expect(PATIENCE.idle).toBeGreaterThan(60_000);
  expect(PATIENCE.headers).toBeLessThanOrEqual(PATIENCE.request);
  expect(PATIENCE.request + PATIENCE.lookedAfter).toBeLessThan(60_000);
});
