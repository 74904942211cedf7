/** What one connection of the load sends. */
import type { Request } from 'autocannon';
import type { Asked } from './contestant.js';
import type { Job } from './load.js';

/**
 * The requests of a connection: all connections together send all of the job's, each its own, about in their order, as
 * clients exchange their codes in the order in which these were made.
 * @param nth which connection
 * @param noteWrong is told an answer that ends a chain
 */
export function requestsOf(job: Job, nth: number, noteWrong: (answer: string) => void): Request[] {
  const own = job.asked.filter((_, index) => index % job.connections === nth);
  const [first] = own;
  if (!first) throw new Error('There are fewer requests than connections.');
  return job.refreshing ? [refreshing(first, noteWrong)] : own.map((asked) => ({ method: 'POST', ...asked }));
}

/** A client that refreshes with the token it got last. */
function refreshing(first: Asked, noteWrong: (answer: string) => void): Request {
  const form = new URLSearchParams(first.body);
  return {
    method: 'POST',
    ...first,
    setupRequest: (request) => ({ ...request, body: form.toString() }),
    onResponse: (status, body) => {
      if (status === 200)
        form.set('refresh_token', String((JSON.parse(body) as { refresh_token?: string }).refresh_token));
      else noteWrong(`${status} ${body}`);
    },
  };
}
