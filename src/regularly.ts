/** Work that a server does by itself now and then. */
import type { Logger } from 'pino';

/**
 * Does something again and again, never twice at once; a failure is logged and the next time comes all the same.
 * @param everyMs milliseconds from one end to the next start
 * @param what names it in the log
 * @returns a function that ends it
 */
export function regularly(everyMs: number, log: Logger, what: string, work: () => Promise<void>): () => void {
  let ended = false;
  let timer: NodeJS.Timeout;
  const again = (): void => {
    timer = setTimeout(async () => {
      await work().catch((err: unknown) => log.warn({ err }, `${what} failed`));
      if (!ended) again();
    }, everyMs).unref();
  };
  again();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
