/** One fetch of a client metadata document: bounded in time and bytes, no redirects, JSON only. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import CachePolicy from 'http-cache-semantics';
import { publicLookup } from './publicAddress.js';

/** draft-ietf-oauth-client-id-metadata-document §6.6 recommends 5 KB at most. */
export const MAX_DOCUMENT_BYTES = 5_120;
/** From the look-up to the last byte, in milliseconds. */
const MAX_FETCH_MS = 5_000;
/** However long a document says it may be kept, it is looked at once a day (milliseconds). */
const MAX_FRESH_MS = 24 * 3_600_000;

export interface FetchedDocument {
  readonly document: unknown;
  /** For how long the document may be used without asking again, in milliseconds (RFC 9111). */
  readonly freshMs: number;
}

/**
 * Fetches a document.
 * @param privateNetwork whether the operator allows this host to be inside a private network
 * @throws Error with what was wrong, without anything that was received
 */
export async function fetchDocument(url: URL, privateNetwork: boolean): Promise<FetchedDocument> {
  const signal = AbortSignal.timeout(MAX_FETCH_MS);
  // No `Accept-Encoding`: a compressed answer could grow beyond what was counted.
  const headers = { accept: 'application/json', host: url.host };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, signal, headers, ...(privateNetwork ? {} : { lookup: publicLookup }) }, resolve)
      .once('error', reject)
      .end();
  });
  try {
    assertJson(response);
    const text = await bodyOf(response);
    const policy = new CachePolicy({ method: 'GET', url: url.pathname, headers }, response, { shared: true });
    const freshMs = policy.storable() ? Math.min(policy.timeToLive(), MAX_FRESH_MS) : 0;
    return { document: parsed(text), freshMs };
  } finally {
    response.destroy();
  }
}

function assertJson({ statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) throw new Error(`the answer has status ${statusCode}, and must have 200`);
  if (headers['content-encoding'] !== undefined) throw new Error('the answer is compressed, which was not asked for');
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw new Error('the answer is not application/json');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and whoever asks for the fetch sees the message.
    throw new Error('the document is not JSON');
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`the document has more than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
