/** Recognises the requests that are answered before everything else. */
import type { IncomingMessage } from 'node:http';

/** The path that a request posts to, whatever its query says; undefined for other methods. */
export function postedPath({ method, url = '' }: IncomingMessage): string | undefined {
  if (method !== 'POST') return undefined;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
