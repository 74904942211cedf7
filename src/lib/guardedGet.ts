/** A request of this server's own. It ends by its deadline whatever the other side does, and leaves nothing behind. */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type OutboundProxy, openTunnel, proxyOnTheWayTo } from './outboundProxy.js';
import { createPublicLookup, isPublicAddress, NotPublicError } from './publicLookup.js';
import { USER_AGENT } from './userAgent.js';

export interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface Fetched extends Head {
  readonly body: Buffer;
}

export interface Bounds {
  /** Throws for a response whose body is not wanted, before any of it is read. */
  readonly assertHead?: (head: Head) => void;
  /** From the look-up to the last byte, in milliseconds. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** The operator names or allows this host: it may be inside a private network, and the system's own look-up finds it. */
  readonly privateNetwork: boolean;
  /** The way to hosts that are not inside a private network. */
  readonly proxy: OutboundProxy | undefined;
}

/**
 * The host gave no answer in time: its name, the network, a proxy or its certificate is in the way. The message says what,
 * perhaps with addresses of the inside, for the log alone.
 */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface Asked extends Bounds {
  /** The media type that is asked for. */
  readonly accept: string;
}

export interface Requested extends Bounds {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Interim responses (RFC 9110 §15.2) that are read past; a host that sends more has no answer. */
const MOST_INTERIM = 8;

/** Shared by all requests, since it bounds how many look-ups there are at once. */
const publicLookup = createPublicLookup();

/** Asks an address for a media type, by GET, like {@link guardedRequest}. */
export const guardedGet = (url: URL, { accept, ...bounds }: Asked): Promise<Fetched> =>
  guardedRequest(url, { method: 'GET', headers: { accept }, ...bounds });

/**
 * Sends a request without following redirects. Compressed responses are refused: none was asked for, and one could grow
 * beyond what was counted.
 * @param url https; where the operator names the host also http
 * @throws what `assertHead` throws
 * @throws UnreachableError, NotPublicError
 * @throws Error when the response is not one within the bounds; the message tells what was wrong and nothing that
 *   was received
 */
export function guardedRequest(url: URL, asking: Requested): Promise<Fetched> {
  const { method, body, deadlineMs, privateNetwork, proxy } = asking;
  if (url.protocol !== 'https:' && !privateNetwork) return Promise.reject(new Error(`${url.protocol} is not https:`));
  // No look-up is made for an IP address in the URL itself.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!privateNetwork && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new NotPublicError(literal));
  return new Promise<Fetched>((resolve, reject) => {
    const headers = { ...asking.headers, host: url.host, 'user-agent': USER_AGENT };
    const request = url.protocol === 'https:' ? https.request : http.request;
    const ended = new AbortController();
    const throughProxy = privateNetwork ? undefined : proxyOnTheWayTo(url, proxy);
    const sent = throughProxy
      ? request(url, {
          method,
          headers,
          createConnection: (_options, done) => {
            // The type demands a socket beside an error; the library looks at none then.
            connectThrough(throughProxy, url, ended.signal).then((socket) => done(null, socket), done as () => void);
            return undefined;
          },
        })
      : request(url, { agent: false, method, headers, ...(privateNetwork ? {} : { lookup: publicLookup }) });
    // Every way out leads through here, and the connection with it: without an agent that lasts, none is kept.
    const end = (settle: () => void): void => {
      clearTimeout(deadline);
      settle();
      ended.abort();
      sent.destroy();
    };
    const fail = (reason: string | Error): void =>
      end(() => reject(typeof reason === 'string' ? new Error(reason) : reason));
    const unreachable = (reason: string, cause?: Error): void => fail(new UnreachableError(reason, { cause }));
    const deadline = setTimeout(
      () => unreachable(`there was no complete answer within ${deadlineMs / 1_000} s`),
      deadlineMs,
    );
    let interim = 0;
    sent
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('HPE_')) fail('the answer is not one of HTTP');
        else if (error.code === undefined) fail(error);
        // Where a name has several addresses, the error has no message of its own.
        else unreachable(error.message || error.code, error);
      })
      // After a change of protocols, for example, there is neither an answer nor an error.
      .on('close', () => unreachable('the connection was closed without an answer'))
      .on('upgrade', (_response, socket) => {
        socket.destroy();
        fail('the answer changes the protocol, which was not asked for');
      })
      .on('information', () => {
        interim += 1;
        if (interim > MOST_INTERIM) fail('there are only interim answers');
      })
      .on('response', (response) => receive(response, asking, fail, (fetched) => end(() => resolve(fetched))))
      .end(body);
  });
}

/**
 * A connection by way of a proxy, under the same guards: the name is looked up and its address checked here, and the tunnel
 * leads to that address. The certificate is the name's.
 */
async function connectThrough(proxy: URL, { hostname, port }: URL, signal: AbortSignal) {
  const address = await new Promise<string>((resolve, reject) => {
    publicLookup(hostname, { all: false }, (error, found) => (error ? reject(error) : resolve(String(found))));
  });
  const socket = await openTunnel(proxy, address, Number(port || 443), signal);
  return connect({ socket, servername: hostname, ALPNProtocols: ['http/1.1'] });
}

function receive(
  response: IncomingMessage,
  { maxBytes, assertHead }: Bounds,
  fail: (reason: string | Error) => void,
  done: (fetched: Fetched) => void,
): void {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  response
    .on('error', fail)
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) fail(`the answer has more than ${maxBytes} bytes`);
    })
    .on('end', () => {
      if (response.complete) done({ status, headers, body: Buffer.concat(chunks) });
      else fail('the answer ended too early');
    });
  try {
    if (headers['content-encoding'] !== undefined) throw new Error('the answer is compressed, which was not asked for');
    assertHead?.({ status, headers });
  } catch (error) {
    fail(error as Error);
  }
}
