/** Health of this process, for the orchestrator: alive, and ready to be sent requests; if not, why. */
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { type Stores, StoreUnavailableError } from '../stores/stores.js';
import type { HttpState } from './context.js';

interface Readiness {
  readonly status: 'ready' | 'not ready';
  readonly reason?: 'stopping' | 'store away';
  /** Which stores do not answer. Why not stands in the log: addresses and folders are not for everybody. */
  readonly stores?: readonly string[];
}

/**
 * @param stopping whether the server is shutting down
 */
export function health(stores: Stores, log: Logger, stopping: () => boolean): Middleware<HttpState> {
  let wereAway = false;
  /** Logs that stores are away or back, once each time. */
  const note = (err: unknown): void => {
    const areAway = err !== undefined;
    if (areAway && !wereAway) log.warn({ err }, 'not ready');
    if (!areAway && wereAway) log.info('ready again');
    wereAway = areAway;
  };
  const readiness = async (): Promise<Readiness> => {
    if (stopping()) return { status: 'not ready', reason: 'stopping' };
    try {
      await stores.check();
      note(undefined);
      return { status: 'ready' };
    } catch (err) {
      note(err);
      const away = err instanceof StoreUnavailableError ? err.away : [];
      return { status: 'not ready', reason: 'store away', stores: away };
    }
  };
  return async (ctx, next) => {
    if (ctx.path === '/health/alive') {
      ctx.body = { status: 'alive' };
    } else if (ctx.path === '/health/ready') {
      const body = await readiness();
      ctx.status = body.status === 'ready' ? 200 : 503;
      ctx.body = body;
    } else return next();
  };
}
