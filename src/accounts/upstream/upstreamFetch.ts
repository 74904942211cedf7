/** How the OpenID client library reaches the upstream: each request has bounds, and all that one page asks there has a deadline. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { guardedRequest } from '../../lib/guardedGet.js';

/** Far more than metadata, keys, tokens or claims take (bytes). */
const MOST_BYTES = 1_048_576;
/** Metadata, tokens, keys and UserInfo are asked for one after the other (milliseconds). */
const DEADLINE_MS = { each: 5_000, all: 10_000 };

const deadline = new AsyncLocalStorage<number>();

/** Does something in which all requests to the upstream together end by a deadline. */
export const inTime = <T>(ask: () => Promise<T>): Promise<T> => deadline.run(performance.now() + DEADLINE_MS.all, ask);

/**
 * What the library calls in place of `fetch`. Its connection is closed with the response; redirects are not followed.
 * @throws TypeError like `fetch`, when there is no complete response within the bounds
 */
export async function upstreamFetch(address: string | URL, { signal: _, ...init }: RequestInit): Promise<Response> {
  const asked = new Request(address, init);
  const left = (deadline.getStore() ?? Number.POSITIVE_INFINITY) - performance.now();
  try {
    const { status, headers, body } = await guardedRequest(new URL(asked.url), {
      method: asked.method,
      headers: { ...Object.fromEntries(asked.headers), 'accept-encoding': 'identity' },
      body: new Uint8Array(await asked.arrayBuffer()),
      deadlineMs: Math.max(0, Math.min(DEADLINE_MS.each, left)),
      maxBytes: MOST_BYTES,
      privateNetwork: true,
      proxy: undefined,
    });
    const fields = Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    );
    return new Response([204, 205, 304].includes(status) ? null : new Uint8Array(body), { status, headers: fields });
  } catch (cause) {
    throw new TypeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
