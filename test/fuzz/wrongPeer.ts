/** Peers of this server's own requests that do random wrong things: on the wire, in TLS, and in the protocol above. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

const CLOSED_WITHIN_MS = 5_000;
/** What one step sends at the most; more than this server takes of any answer. */
const MOST_BYTES = 3_000_000;

/** One thing that a peer does; `end` sends FIN, `reset` RST. */
export type Step =
  | { readonly send: Buffer; readonly times: number }
  | { readonly waitMs: number }
  | { readonly leave: 'end' | 'destroy' | 'reset' };

/** What becomes of the bytes to this server once so many of them have passed. */
export interface Wire {
  readonly after: number;
  readonly fault: 'silence' | 'end' | 'reset' | 'flip' | 'garbage' | 'repeat';
}

export interface Script {
  readonly steps: readonly Step[];
  readonly wire: Wire | undefined;
  /** Begins at once, without waiting for what it is asked. */
  readonly unasked: boolean;
}

const bytes = (text: string | Buffer, times = 1): Step => ({ send: Buffer.from(text), times });
const one = (...texts: readonly (string | Buffer)[]) => fc.constantFrom(...texts).map((text) => bytes(text));

const garbage = fc.uint8Array({ minLength: 1, maxLength: 600 }).map((some) => bytes(Buffer.from(some)));
const leave = fc.constantFrom('end', 'destroy', 'reset').map((how): Step => ({ leave: how as 'end' }));
const wait = fc.integer({ min: 1, max: 400 }).map((waitMs): Step => ({ waitMs }));
const flood = (step: fc.Arbitrary<Step>) =>
  fc
    .tuple(step, fc.constantFrom(50, 2_000, 20_000))
    .map(([found, times]): Step => ('send' in found ? { ...found, times } : found));

const wire = fc.option(
  fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 4_000 })),
    fault: fc.constantFrom('silence', 'end', 'reset', 'flip', 'garbage', 'repeat') as fc.Arbitrary<Wire['fault']>,
  }),
  { nil: undefined, freq: 2 },
);

const status = fc.oneof(
  { weight: 4, arbitrary: one('HTTP/1.1 200 OK\r\n') },
  {
    weight: 5,
    arbitrary: one(
      'HTTP/1.1 101 Switching Protocols\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.0 200 OK\r\n',
      'HTTP/2 200\r\n',
      'HTTP/1.1 999 X\r\n',
      'HTTP/1.1 99 X\r\n',
      'HTTP/1.1 204 No Content\r\n',
      'HTTP/1.1 302 Found\r\nlocation: /\r\n',
      'HTTP/1.1 401 X\r\nwww-authenticate: x y="\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ),
  },
);
const header = one(
  'content-type: application/json\r\n',
  'content-length: 2\r\n',
  'content-length: 4000\r\n',
  'content-length: 99999999999999999999\r\n',
  'content-length: -1\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'connection: upgrade\r\nupgrade: websocket\r\n',
  'connection: keep-alive\r\nkeep-alive: timeout=9999\r\n',
  'content-encoding: gzip\r\n',
  'trailer: x\r\n',
  `x: ${'y'.repeat(20_000)}\r\n`,
  'x-header: x\r\n',
  ': nothing\r\n',
  'no colon\r\n',
  '\0: \0\r\n',
);
const body = one(
  '{}',
  '{"issuer":',
  ' ',
  '2\r\n{}\r\n',
  '0\r\n\r\n',
  '0\r\nx: y\r\n',
  'ffffffffffffffff\r\n',
  '1;x=y',
  'zz\r\n',
  gzipSync(Buffer.alloc(8_000_000)),
);
const httpStep = fc.oneof(
  status,
  header,
  one('\r\n'),
  body,
  garbage,
  wait,
  leave,
  flood(fc.oneof(status, header, body, one('\r\n'))),
);
/** A response in its order, of which any part may be wrong. */
const inOrder = fc
  .tuple(
    status,
    fc.array(header, { maxLength: 3 }),
    fc.array(flood(header), { maxLength: 1 }),
    fc.array(fc.oneof(body, flood(body), wait, leave), { maxLength: 4 }),
  )
  .map(([first, headers, floods, rest]): Step[] => [first, ...headers, ...floods, bytes('\r\n'), ...rest]);

/** What a web server does with one connection. */
export const httpScript: fc.Arbitrary<Script> = fc.record({
  steps: fc.oneof(inOrder, fc.array(httpStep, { minLength: 1, maxLength: 8 })),
  wire,
  unasked: fc.boolean(),
});

const wrongReply: fc.Arbitrary<Step> = fc.oneof(
  one(
    '\r\n',
    '250-\r\n',
    '250 ',
    '999 x\r\n',
    '421 Bye\r\n',
    '550 No\r\n',
    '354 Go on\r\n',
    '220 mail.test\r\n',
    '250 STARTTLS\r\n',
    'x'.repeat(70_000),
  ),
  garbage,
  leave,
  wait,
  flood(one('250-more\r\n', 'x', '\r\n', '250 Ok\r\n')),
);

/** What a mail server says at the beginning and to each line that it gets: undefined is the right thing. */
export interface MailScript {
  readonly replies: readonly (Step | undefined)[];
  readonly wire: Wire | undefined;
  readonly offersTls: boolean;
}

export const mailScript: fc.Arbitrary<MailScript> = fc.record({
  replies: fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.array(fc.option(wrongReply), { minLength: 1, maxLength: 6 }))
    .map(([well, then]) => [...Array<undefined>(well).fill(undefined), ...then.map((reply) => reply ?? undefined)]),
  wire,
  offersTls: fc.boolean(),
});

/** Settles when a socket does one of these, also when it fails. */
const whenever = (socket: Socket, ...events: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) socket.off(event, done);
      resolve();
    };
    for (const event of events) socket.on(event, done);
  });

async function write(socket: Socket, data: Buffer): Promise<void> {
  if (socket.writable && !socket.write(data) && !socket.destroyed) await whenever(socket, 'drain', 'close');
}

/** Node.js has no reset over TLS, and one during an orderly end leaves the connection open for ever. */
const reset = (socket: Socket): unknown =>
  socket instanceof TLSSocket || socket.writableEnded ? socket.destroy() : socket.resetAndDestroy();

async function perform(socket: Socket, step: Step): Promise<void> {
  if ('send' in step) {
    // In pieces of a sensible size, as a flood would come, and no more than any bound of this server's.
    const most = Math.min(step.times * step.send.length, MOST_BYTES);
    const piece = Buffer.concat(Array(Math.ceil(Math.min(most, 16_384) / step.send.length)).fill(step.send));
    for (let sent = 0; sent < most && !socket.destroyed; sent += piece.length) await write(socket, piece);
  } else if ('waitMs' in step) await new Promise((resolve) => setTimeout(resolve, step.waitMs));
  else if (step.leave === 'end') socket.end();
  else if (step.leave === 'reset') reset(socket);
  else socket.destroy();
}

/** Goes through the steps and then stays, silent. */
async function play(socket: Socket, { steps, unasked }: Script): Promise<void> {
  if (!unasked) await whenever(socket, 'data', 'close');
  for (const step of steps) {
    if (socket.destroyed) return;
    await perform(socket, step);
  }
}

const RIGHT: readonly (readonly [RegExp, string])[] = [
  [/^(MAIL|RCPT|RSET|\.)/i, '250 Ok\r\n'],
  [/^DATA/i, '354 Go on\r\n'],
  [/^QUIT/i, '221 Bye\r\n'],
];

/** A conversation by the script; what it has no reply for is answered rightly. */
function converse(first: Socket, script: MailScript, tls: Tls): void {
  const replies = [...script.replies];
  const reply = async (socket: Socket, right: string): Promise<void> => {
    const wrong = replies.shift();
    if (wrong) await perform(socket, wrong);
    else await write(socket, Buffer.from(right));
  };
  const on = (socket: Socket): void => {
    socket.on('error', () => undefined);
    let inMessage = false;
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        if (inMessage && line !== '.') continue;
        inMessage = /^DATA/i.test(line);
        if (/^(EHLO|HELO)/i.test(line)) {
          const offered = script.offersTls && !(socket instanceof TLSSocket) ? '250 STARTTLS' : '250 8BITMIME';
          void reply(socket, `250-mail.test\r\n${offered}\r\n`);
        } else if (/^STARTTLS/i.test(line)) {
          void reply(socket, '220 Go on\r\n').then(() => {
            if (!socket.destroyed) on(new TLSSocket(socket, { isServer: true, ...tls }));
          });
          return;
        } else void reply(socket, RIGHT.find(([command]) => command.test(line))?.[1] ?? '500 What?\r\n');
      }
    });
  };
  on(first);
  void reply(first, '220 mail.test\r\n');
}

export interface Tls {
  readonly key: string;
  readonly cert: string;
}

export interface WrongPeer {
  readonly port: number;
  /** Connections that the other side has open, after a few seconds at the most in which it may close them. */
  open(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a peer that takes the next script for each connection, and does the right thing when there is none.
 * @param scripts in their order
 * @param meet what it does with a connection and a script
 * @param tls for a peer that speaks TLS
 * @param port a free one when none is given
 */
async function start<S extends { wire: Wire | undefined }>(
  scripts: readonly S[],
  meet: (socket: Socket, script: S) => void,
  tls?: Tls,
  port = 0,
): Promise<WrongPeer> {
  const left = [...scripts];
  const sockets = new Set<Socket>();
  /** Both ends of a connection from the wire to the peer behind it tell of its port, in either order. */
  const met = new Map<number | undefined, (script: S) => void>();
  const taken = new Map<number | undefined, S>();
  const inner: Server = tls ? createTlsServer(tls) : createServer();
  inner.on('connection', (socket: Socket) => socket.on('error', () => undefined));
  inner.on('tlsClientError', () => undefined);
  inner.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
    socket.resume();
    const script = taken.get(socket.remotePort);
    if (script) meet(socket, script);
    else met.set(socket.remotePort, (late) => meet(socket, late));
  });
  inner.listen(0, '127.0.0.1');
  await once(inner, 'listening');
  const clients = new Set<Socket>();
  const outer = createServer((client) => {
    const script = left.shift();
    const peer = connect(portOf(inner), '127.0.0.1');
    for (const socket of [client, peer])
      sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
    clients.add(client.once('close', () => clients.delete(client)));
    peer.once('connect', () => {
      if (script) {
        taken.set(peer.localPort, script);
        met.get(peer.localPort)?.(script);
      }
      client.pipe(peer);
      pass(peer, client, script?.wire);
    });
    client.once('end', () => client.destroy()).once('close', () => peer.destroy());
    peer.once('close', (hadError) => (hadError ? reset(client) : client.resume().end()));
  });
  outer.listen(port, '127.0.0.1');
  await once(outer, 'listening');
  return {
    port: portOf(outer),
    open: async () => {
      const until = performance.now() + CLOSED_WITHIN_MS;
      while (clients.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
      return clients.size;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([outer, inner].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}

/** Passes bytes on until the wire is cut or goes wrong. */
function pass(from: Socket, to: Socket, wrong: Wire | undefined): void {
  let passed = 0;
  let broken = false;
  from.on('data', (chunk: Buffer) => {
    if (broken || to.destroyed) return;
    const room = wrong ? wrong.after - passed : chunk.length;
    passed += chunk.length;
    if (room >= chunk.length) {
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
      return;
    }
    broken = wrong?.fault !== 'flip' && wrong?.fault !== 'repeat';
    const before = chunk.subarray(0, Math.max(0, room));
    const rest = Buffer.from(chunk.subarray(Math.max(0, room)));
    if (wrong?.fault === 'flip') rest[0] = (rest[0] ?? 0) ^ 0xff;
    to.write(before);
    if (wrong?.fault === 'end') to.end();
    else if (wrong?.fault === 'reset') reset(to);
    else if (wrong?.fault === 'garbage') to.write(Buffer.alloc(2_000, 0x5a));
    else if (wrong?.fault === 'flip') to.write(rest);
    else if (wrong?.fault === 'repeat') to.write(Buffer.concat([rest, rest]));
  });
  from.once('end', () => broken || to.end());
}

/** A web server that goes wrong by script. */
export const startWrongHttp = (scripts: readonly Script[], tls?: Tls, port?: number): Promise<WrongPeer> =>
  start(scripts, (socket, script) => void play(socket, script), tls, port);

/**
 * A mail server that goes wrong by script.
 * @param tls for STARTTLS, or for TLS from the first byte on
 * @param fromTheStart whether it speaks TLS from the first byte on
 */
export const startWrongMail = (scripts: readonly MailScript[], tls: Tls, fromTheStart: boolean): Promise<WrongPeer> =>
  start(scripts, (socket, script) => converse(socket, script, tls), fromTheStart ? tls : undefined);
