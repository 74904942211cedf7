/** `fetch` for a library that takes one: names this server, and reads no more of a response than anything sensible has. */
import { USER_AGENT } from './userAgent.js';

/** Far more than metadata, keys, tokens or claims take (bytes, unpacked). */
const MOST_BYTES = 1_048_576;

/**
 * Fetches like `fetch`; reading a longer body fails with an error.
 * @param init its signal bounds the time, the body's included
 */
export async function boundedFetch(url: string | URL, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('user-agent', USER_AGENT);
  const response = await fetch(url, { ...init, headers });
  if (!response.body) return response;
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) controller.error(new Error(`the answer has more than ${MOST_BYTES} bytes`));
      else controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(bounded), response);
}
