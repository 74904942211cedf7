/** One fetch of a client metadata document or of a client's key set: JSON, within bounds, and for how long it may be used. */
import CachePolicy from 'http-cache-semantics';
import { type Asked, guardedGet, type Head } from '../../lib/guardedGet.js';

/** draft-ietf-oauth-client-id-metadata-document §6.6 recommends 5 KB at most. */
export const MAX_DOCUMENT_BYTES = 5_120;
export const MAX_KEY_SET_BYTES = 64 * 1_024;
/** From the look-up to the last byte, in milliseconds. */
const MAX_FETCH_MS = 5_000;
/** However long a document says it may be kept, it is looked at once a day (milliseconds). */
const MAX_FRESH_MS = 24 * 3_600_000;
const JSON_TYPE = 'application/json';

/** What the host answers is a definite no: there is no document, or not an acceptable one. Its snapshot may not be used any more. */
export class DocumentRefusedError extends Error {
  override readonly name = 'DocumentRefusedError';
}

export interface FetchedDocument {
  readonly document: unknown;
  /** For how long the document may be used without asking again, in milliseconds (RFC 9111). */
  readonly freshMs: number;
}

/**
 * Fetches a document.
 * @param way whether the operator allows this host to be inside a private network, and the way to the others
 * @param maxBytes how long it may be
 * @throws DocumentRefusedError when the host says that it has none
 * @throws UnreachableError, NotPublicError
 * @throws Error with what was wrong, without anything that was received
 */
export async function fetchDocument(
  url: URL,
  way: Pick<Asked, 'privateNetwork' | 'proxy'>,
  maxBytes = MAX_DOCUMENT_BYTES,
): Promise<FetchedDocument> {
  const bounds = { deadlineMs: MAX_FETCH_MS, maxBytes };
  const fetched = await guardedGet(url, { accept: JSON_TYPE, assertHead: assertJson, ...bounds, ...way });
  return { document: parsed(fetched.body), freshMs: freshMs(url, fetched) };
}

function assertJson({ status, headers }: Head): void {
  if (status === 404 || status === 410) throw new DocumentRefusedError(`the answer has status ${status}`);
  if (status !== 200) throw new Error(`the answer has status ${status}, and must have 200`);
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw new Error('the answer is not application/json');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the text, and the person who asks for the fetch sees the message.
    throw new Error('the document is not JSON');
  }
}

/**
 * The explicit freshness lifetime alone (RFC 9111 §4.2): without one the document is asked for again each time, and what
 * `stale-while-revalidate` and `stale-if-error` allow (RFC 5861) is no freshness.
 */
function freshMs(url: URL, { status, headers }: Head): number {
  // The library compares names of directives as they are written; their case means nothing (RFC 9111 §5.2).
  const cacheControl = headers['cache-control']?.toLowerCase() ?? '';
  const names = cacheControl
    .split(',')
    .map((directive) => directive.split('=')[0]?.trim())
    .filter(Boolean);
  // Said twice it is invalid, and so not fresh (RFC 9111 §4.2.1).
  if (new Set(names).size < names.length) return 0;
  const asked = { method: 'GET', url: url.pathname, headers: { accept: JSON_TYPE, host: url.host } };
  const answered = { status, headers: { ...headers, 'cache-control': cacheControl } };
  const policy = new CachePolicy(asked, answered, { shared: true, cacheHeuristic: 0, immutableMinTimeToLive: 0 });
  return Math.min(Math.max(0, policy.maxAge() - policy.age()) * 1_000, MAX_FRESH_MS);
}
