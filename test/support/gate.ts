/** A way to a server that can be shut for a while, as a failover shuts it: connections end, and no new one is taken. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './childServer.js';

export interface Gate {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  shut(): Promise<void>;
  open(): Promise<void>;
}

/**
 * Opens a gate.
 * @param to the port of the server behind it
 */
export async function openGate(to: number): Promise<Gate> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const listening = createServer((client) => {
    const server = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const open = async (): Promise<void> => {
    await once(listening.listen(port, '127.0.0.1'), 'listening');
  };
  await open();
  return {
    port,
    open,
    async shut() {
      if (!listening.listening) return;
      const closed = once(listening, 'close');
      listening.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
