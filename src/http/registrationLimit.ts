/** Registrations are limited by address and in all: each leaves a record behind. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { countedAddress } from './countedAddress.js';
import { type Limits, within } from './limits.js';

/** @param path where clients register */
export function registrationLimit(limits: Limits, path: string): Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.path === path && ctx.method === 'POST')
      await within([
        [limits.registrationPerAddress, countedAddress(ctx.state.ip)],
        [limits.registrationInAll, ''],
      ]);
    return next();
  };
}
