/** What may leave a record behind before anybody has signed in: limited by address, registrations also in all. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { type Limits, perAddress, shared, within } from './limits.js';
import { assertOpenedAsPage } from './openedAsPage.js';

/**
 * Counts authorization requests and registrations, those that are refused afterwards as well.
 * @param basePath the issuer's path
 */
export function anonymousLimits(limits: Limits, basePath: string): Middleware<HttpState> {
  const authorize = `${basePath}/authorize`;
  const register = `${basePath}/register`;
  return async (ctx, next) => {
    const { path, method } = ctx;
    if (path === authorize && (method === 'GET' || method === 'POST')) {
      assertOpenedAsPage(ctx);
      await within(perAddress(limits.authorizationPerAddress, ctx.state.ip));
    }
    if (path === register && method === 'POST')
      await within([
        ...shared(limits.registrationInAll, ctx.state.ip, '', limits.registrationPerAddress.events),
        ...perAddress(limits.registrationPerAddress, ctx.state.ip),
      ]);
    return next();
  };
}
