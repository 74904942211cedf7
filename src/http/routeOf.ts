/** What a request asked for, by the pattern of its route: a path can hold what only its bearer may know, and there is no end of paths. */
import type { HttpContext } from './context.js';

/** What is answered without a route: by the health checks, and below the issuer's path by `clientEndpoint.ts` or oidc-provider. */
const HEALTH = /^\/health\/(alive|ready)$/;
const ENDPOINT = /^\/(token|register|revoke|introspect|jwks|authorize)$/;
const RESUMED = /^\/authorize\/[^/]+$/;

/**
 * @param basePath the issuer's path
 * @returns one of this server's patterns, without the issuer's path, or `unmatched`
 */
export function routeOf(ctx: HttpContext, basePath: string): string {
  const { _matchedRoute: matched } = ctx as { _matchedRoute?: unknown };
  const below = (path: string): string => (path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path);
  if (typeof matched === 'string') return below(matched);
  if (HEALTH.test(ctx.path)) return ctx.path;
  if (!ctx.path.startsWith(`${basePath}/`)) return 'unmatched';
  if (ENDPOINT.test(below(ctx.path))) return below(ctx.path);
  return RESUMED.test(below(ctx.path)) ? '/authorize/:uid' : 'unmatched';
}
