/** Requests of nobody in particular that leave a record behind: limited by address, registrations also in all. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { countedAddress } from './countedAddress.js';
import { type Limits, within } from './limits.js';

/** @param basePath the issuer's path */
export function anonymousLimits(limits: Limits, basePath: string): Middleware<HttpState> {
  return async (ctx, next) => {
    const address = countedAddress(ctx.state.ip);
    if (ctx.path === `${basePath}/authorize`) await within([[limits.authorizationPerAddress, address]]);
    if (ctx.path === `${basePath}/register` && ctx.method === 'POST')
      await within([
        [limits.registrationPerAddress, address],
        [limits.registrationInAll, ''],
      ]);
    return next();
  };
}
