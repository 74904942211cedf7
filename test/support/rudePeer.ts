/** A peer that does one wrong thing at one point of an exchange: over TCP or TLS, whatever protocol it should speak. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

/** What a peer does with a connection, once it has got there. */
export type Rudeness = (socket: Socket) => void;

const every = (ms: number, socket: Socket, what: () => string | Buffer): void => {
  const timer = setInterval(() => socket.write(what()), ms);
  socket.once('close', () => clearInterval(timer));
};

/** Ways to fail at any point of any protocol that is made of lines. */
export const RUDENESS: Readonly<Record<string, Rudeness>> = {
  'says nothing': () => undefined,
  'closes its side': (socket) => socket.end(),
  // Of a connection over TLS Node.js has no reset.
  'resets the connection': (socket) => (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy()),
  'sends garbage and closes': (socket) =>
    socket.end(Buffer.from(Array.from({ length: 512 }, (_, n) => (n * 97) % 256))),
  'sends garbage for ever': (socket) => every(20, socket, () => Buffer.alloc(256, 0xfe)),
  'sends a letter now and then': (socket) => every(300, socket, () => 'x'),
  'sends a line without an end': (socket) => every(20, socket, () => 'x'.repeat(256)),
  'sends empty lines for ever': (socket) => every(20, socket, () => '\r\n'.repeat(64)),
};

const LEFT_WITHIN_MS = 6_000;

export interface RudePeer {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** Whether no connection is open, or none within a few seconds. */
  isIdle(): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Starts a peer.
 * @param meet is given each connection
 * @param tls key and certificate, for a peer that speaks TLS
 */
export async function startRudePeer(meet: Rudeness, tls?: { key: string; cert: string }): Promise<RudePeer> {
  const sockets = new Set<Socket>();
  const server: Server = tls ? createTlsServer(tls) : createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      server.emit('left');
    });
    socket.on('error', () => undefined);
  });
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    meet(socket);
    // Else the end of a connection is not noticed where nothing is read.
    socket.resume();
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return {
    port: address.port,
    open: () => sockets.size,
    isIdle: async () => {
      const signal = AbortSignal.timeout(LEFT_WITHIN_MS);
      while (sockets.size > 0 && !signal.aborted) await once(server, 'left', { signal }).catch(() => undefined);
      return sockets.size === 0;
    },
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
