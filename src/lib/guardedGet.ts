/** One GET to a host that a stranger named. It ends by its deadline whatever the host does, and leaves nothing behind. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
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

export interface Asked {
  /** The media type that is asked for. */
  readonly accept: string;
  /** Throws for a response whose body is not wanted, before any of it is read. */
  readonly assertHead: (head: Head) => void;
  /** From the look-up to the last byte, in milliseconds. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** The operator allows this host to be inside a private network; the system's own look-up finds it. */
  readonly privateNetwork: boolean;
}

/** Interim responses (RFC 9110 §15.2) that are read past; a host that sends more has no answer. */
const MOST_INTERIM = 8;

/** Shared by all requests, since it bounds how many look-ups there are at once. */
const publicLookup = createPublicLookup();

/**
 * Fetches an https address without following redirects. Compressed responses are refused: none was asked for, and one
 * could grow beyond what was counted.
 * @throws what `assertHead` throws
 * @throws Error when there is no complete response within the bounds; the message tells what was wrong and nothing that
 *   was received
 */
export function guardedGet(url: URL, asking: Asked): Promise<Fetched> {
  const { accept, deadlineMs, privateNetwork } = asking;
  // No look-up is made for an address that stands in the URL itself.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!privateNetwork && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new Error(`${literal} is an address outside the public internet`));
  return new Promise<Fetched>((resolve, reject) => {
    const headers = { accept, host: url.host, 'user-agent': USER_AGENT };
    const sent = request(url, { agent: false, headers, ...(privateNetwork ? {} : { lookup: publicLookup }) });
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
      .end();
  });
}

function receive(
  response: IncomingMessage,
  { maxBytes, assertHead }: Asked,
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
    assertHead({ status, headers });
  } catch (error) {
    fail(error as Error);
  }
}
