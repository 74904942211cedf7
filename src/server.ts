/** HTTP servers: where they listen, how long they wait for slow clients, and what they refuse before anything else reads it. */
import { createServer, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { drain, silentConnections } from './draining.js';
import { answerFields, type HeaderFields } from './http/answerFields.js';
import { inOriginForm } from './http/originForm.js';
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
 * @param fields the headers of what is refused before the handler sees it
 * @throws StartError when the address is taken or not allowed, with what to do
 */
export async function listen(
  address: Address,
  handler: RequestListener,
  fields: HeaderFields = answerFields(false),
  patience = PATIENCE,
): Promise<Listening> {
  let leaving = false;
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    connectionsCheckingInterval: patience.lookedAfter,
    // Otherwise the first of two Authorization headers counts here, and maybe the last one in front of this server.
    joinDuplicateHeaders: true,
    // Looked after with everything else that is wrong with a Host.
    requireHostHeader: false,
  };
  const handle = inOriginForm(fields, handler);
  const server = createServer(options, (req, res) => {
    silent.delete(req.socket);
    if (leaving) res.setHeader('Connection', 'close');
    answering.set(req.socket, res);
    handle(req, res);
  });
  const answering = refuseUnreadable(server, fields);
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

/** What cannot be read as HTTP, by the error of the parser; everything else is a bad request. */
const UNREADABLE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what never becomes a request as Node.js does, with the headers of every answer.
 * @returns takes the latest answer on each connection: into one that has begun, nothing may be written
 */
function refuseUnreadable(server: Server, fields: HeaderFields): WeakMap<Duplex, ServerResponse> {
  const answering = new WeakMap<Duplex, ServerResponse>();
  const head = [...fields, 'Connection', 'close', 'Content-Length', '0'];
  const lines = head.flatMap((name, n) => (n % 2 === 0 ? [`${name}: ${head[n + 1]}`] : []));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answering.get(socket);
    if (socket.writable && (!answer || answer.writableFinished || !answer.headersSent)) {
      const status = UNREADABLE[error.code ?? ''] ?? 400;
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n`);
    }
    socket.destroy(error);
  });
  server.on('checkExpectation', (_req, res: ServerResponse) => {
    res.writeHead(417, head).end();
  });
  return answering;
}

function cannotListen({ host, port, variable }: Address, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; stop it or set ${variable}.`;
  if (code === 'EACCES')
    return `Port ${port} needs more rights than this process has; set ${variable} to one above 1023.`;
  return `HOST ${host ?? ''} is no address of this machine (${code}); set HOST to one, or unset it.`;
}
