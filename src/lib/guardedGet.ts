/** A request of this server's own. It ends by its deadline whatever the other side does, and leaves nothing behind. */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { createPublicLookup, isPublicAddress } from './publicLookup.js';
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
 * @throws Error when there is no complete response within the bounds; the message tells what was wrong and nothing that
 *   was received
 */
export function guardedRequest(url: URL, asking: Requested): Promise<Fetched> {
  const { method, body, deadlineMs, privateNetwork } = asking;
  if (url.protocol !== 'https:' && !privateNetwork) return Promise.reject(new Error(`${url.protocol} is not https:`));
  // No look-up is made for an address that stands in the URL itself.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!privateNetwork && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new Error(`${literal} is an address outside the public internet`));
  return new Promise<Fetched>((resolve, reject) => {
    const headers = { ...asking.headers, host: url.host, 'user-agent': USER_AGENT };
    const request = url.protocol === 'https:' ? https.request : http.request;
    const sent = request(url, { agent: false, method, headers, ...(privateNetwork ? {} : { lookup: publicLookup }) });
    // Every way out leads through here, and the connection with it: `agent: false` keeps none.
    const end = (settle: () => void): void => {
      clearTimeout(deadline);
      settle();
      sent.destroy();
    };
    const fail = (reason: string | Error): void =>
      end(() => reject(typeof reason === 'string' ? new Error(reason) : reason));
    const deadline = setTimeout(() => fail(`there was no complete answer within ${deadlineMs / 1_000} s`), deadlineMs);
    let interim = 0;
    sent
      .on('error', fail)
      // After a change of protocols, for example, there is neither an answer nor an error.
      .on('close', () => fail('the connection was closed without an answer'))
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
