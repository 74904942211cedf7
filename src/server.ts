/** HTTP servers: where they listen, and how long they wait for slow clients. */
import { createServer, type RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { drain, silentConnections } from './draining.js';
import { StartError } from './startError.js';

/** How long a client may take for what, in milliseconds. */
export interface Patience {
  /** From opening the connection, or from a request's first byte, until its headers are complete; then 408. */
  readonly headers: number;
  /** From a request's first byte until its body is complete; then 408. */
  readonly request: number;
  /** Without a request on a connection that had one. Longer than proxies keep theirs (60 s), so that they close first. */
  readonly idle: number;
  /** Without a byte in either direction, e.g. of an answer that nobody reads. */
  readonly stalled: number;
  /** How often the first two are looked after. */
  readonly lookedAfter: number;
}
export const PATIENCE: Patience = {
  headers: 10_000,
  request: 30_000,
  idle: 75_000,
  stalled: 120_000,
  lookedAfter: 1_000,
};

export interface Listening {
  /** Where it listens; chosen by the system when the address said 0. */
  readonly port: number;
  /**
   * Ends every connection with its next answer; then takes no new ones, lets requests under way finish, and resolves
   * when the last one is done, 10 seconds later at most.
   * @param delayMs how long new connections are still taken, in milliseconds
   */
  drain(delayMs: number): Promise<void>;
}

export interface Address {
  readonly host: string | undefined;
  readonly port: number;
  /** The variable that says the port. */
  readonly variable: 'PORT' | 'METRICS_PORT';
}

/**
 * Listens on an address.
 * @throws StartError when the address is taken or not allowed, with what to do
 */
export async function listen(address: Address, handler: RequestListener, patience = PATIENCE): Promise<Listening> {
  let leaving = false;
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    connectionsCheckingInterval: patience.lookedAfter,
    // Otherwise the first of two Authorization headers counts here, and maybe the last one in front of this server.
    joinDuplicateHeaders: true,
  };
  const server = createServer(options, (req, res) => {
    silent.delete(req.socket);
    if (leaving) res.setHeader('Connection', 'close');
    handler(req, res);
  });
  server.timeout = patience.stalled;
  const silent = silentConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new StartError(cannotListen(address, cause.code), { cause }));
    });
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : address.port,
    async drain(delayMs) {
      leaving = true;
      if (delayMs > 0) await pause(delayMs);
      await drain(server, silent);
    },
  };
}

function cannotListen({ host, port, variable }: Address, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; stop it or set ${variable}.`;
  if (code === 'EACCES')
    return `Port ${port} needs more rights than this process has; set ${variable} to one above 1023.`;
  return `HOST ${host ?? ''} is no address of this machine (${code}); set HOST to one, or unset it.`;
}
