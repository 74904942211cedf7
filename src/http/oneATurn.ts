/** Fairness between many requests of one kind and a few of another, in a process that does one thing after the other. */
import type { RequestListener } from 'node:http';

/**
 * Handles one request in each turn of the event loop. Requests that arrive together would otherwise be handled in one turn, and
 * everything else would wait for all of them at each of its own steps.
 * @param handler is called at once for a request that comes alone
 */
export function oneATurn(handler: RequestListener): RequestListener {
  const waiting: (() => void)[] = [];
  let taken = false;
  const next = (): void => {
    const handle = waiting.shift();
    taken = handle !== undefined;
    if (!handle) return;
    setImmediate(next);
    handle();
  };
  return (req, res) => {
    if (taken) return void waiting.push(() => handler(req, res));
    taken = true;
    setImmediate(next);
    handler(req, res);
  };
}
