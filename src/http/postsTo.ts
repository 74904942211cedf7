/** Recognises the requests that are answered before everything else. */
import type { IncomingMessage } from 'node:http';

/** Whether a request is a POST to a path, whatever its query says. */
export const postsTo = (path: string) => {
  return ({ method, url }: IncomingMessage): boolean =>
    method === 'POST' && (url === path || url?.startsWith(`${path}?`) === true);
};
