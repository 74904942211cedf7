/** The HTTP server: listening, and stopping without breaking off what is under way. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from './config.js';
import { StartError } from './startError.js';

/** How long requests under way may take to finish after SIGTERM, in milliseconds. */
const DRAIN_MS = 10_000;

/** How long a connection on which nothing was ever asked may still ask after SIGTERM, in milliseconds. */
const SILENT_MS = 500;
/** Browsers open connections before they need them; Node counts these as busy. */
const silent = new WeakMap<Server, Set<Socket>>();

/**
 * Listens on the configured address.
 * @throws when the address is taken or not allowed, with what to do
 */
export async function listen(config: Config, handler: RequestListener): Promise<Server> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, handler);
  const waiting = new Set<Socket>();
  silent.set(server, waiting);
  server.on('connection', (socket: Socket) => {
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
  });
  server.on('request', ({ socket }) => waiting.delete(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new StartError(cannotListen(config, cause.code), { cause }));
    });
    server.listen(config.port, config.host, resolve);
  });
  return server;
}

function cannotListen({ port, host }: Config, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; stop it or set PORT.`;
  if (code === 'EACCES') return `Port ${port} needs more rights than this process has; set PORT to one above 1023.`;
  return `HOST ${host ?? ''} is no address of this machine (${code}); set HOST to one, or unset it.`;
}

/** Whether a request is a POST to a path, whatever its query says. */
export const postsTo = (path: string) => {
  return ({ method, url }: IncomingMessage): boolean =>
    method === 'POST' && (url === path || url?.startsWith(`${path}?`) === true);
};

/** Takes no new connections, lets requests under way finish, and resolves when the last one is done. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const patience = setTimeout(() => {
    for (const socket of silent.get(server) ?? []) socket.destroy();
  }, SILENT_MS).unref();
  const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  await closed;
  clearTimeout(patience);
  clearTimeout(impatience);
}
