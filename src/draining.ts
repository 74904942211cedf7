/** Stopping an HTTP server without breaking off what is under way, and without waiting for who asks nothing. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests under way may take to finish once nothing new is taken, in milliseconds. */
const DRAIN_MS = 10_000;
/** How long a connection on which nothing was ever asked may still ask then: browsers open them before they need them. */
const SILENT_MS = 500;
/** How often connections are closed then whose last request is done. */
const TIDY_MS = 100;

/** The connections of a server on which nothing was asked yet; Node counts these as busy. Who handles requests takes theirs out. */
export function silentConnections(server: Server): Set<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  return silent;
}

/** Takes no new connections, lets requests under way finish, and resolves when the last one is done or time is over. */
export async function drain(server: Server, silent: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const tidying = setInterval(() => server.closeIdleConnections(), TIDY_MS);
  const silenceOver = setTimeout(() => {
    for (const socket of silent) socket.destroy();
  }, SILENT_MS);
  const timeOver = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(tidying);
  clearTimeout(silenceOver);
  clearTimeout(timeOver);
}
