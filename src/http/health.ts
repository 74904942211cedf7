/** Health of this process, for the orchestrator: alive, and ready to be sent requests. */
import type { Middleware } from 'koa';
import type { Stores } from '../stores/stores.js';
import type { HttpState } from './context.js';

/**
 * @param draining whether the server is shutting down
 */
export function health(stores: Stores, draining: () => boolean): Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.path === '/health/alive') {
      ctx.body = { status: 'alive' };
    } else if (ctx.path === '/health/ready') {
      const ready =
        !draining() &&
        (await stores.check().then(
          () => true,
          () => false,
        ));
      ctx.status = ready ? 200 : 503;
      ctx.body = { status: ready ? 'ready' : 'not ready' };
    } else return next();
  };
}
