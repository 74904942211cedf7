/** The endpoints that web clients of any origin call: open to them, never with credentials, and telling their methods. */
import cors from '@koa/cors';
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';

const READ = 'GET, HEAD, OPTIONS';
const POSTED = 'POST, OPTIONS';
const CALLED_BY_WEB_CLIENTS: readonly (readonly [path: string, methods: string])[] = [
  ['/jwks', READ],
  ['/register', POSTED],
  ['/token', POSTED],
  ['/revoke', POSTED],
  ['/userinfo', 'GET, HEAD, POST, OPTIONS'],
];

/**
 * @param basePath the issuer's path
 * @param metadataPaths where the metadata is served
 */
export function crossOrigin(basePath: string, metadataPaths: readonly string[]): Middleware<HttpState> {
  const open = cors({
    origin: '*',
    allowMethods: ['GET', 'POST', 'OPTIONS'],
    allowHeaders: ['Authorization', 'Content-Type', 'MCP-Protocol-Version'],
    exposeHeaders: ['WWW-Authenticate', 'Retry-After'],
    maxAge: 3_600,
  }) as Middleware<HttpState>;
  const methodsOf = new Map([
    ...metadataPaths.map((path) => [path, READ] as const),
    ...CALLED_BY_WEB_CLIENTS.map(([path, methods]) => [basePath + path, methods] as const),
  ]);
  return (ctx, next) => {
    const methods = methodsOf.get(ctx.path);
    if (methods === undefined) return next();
    return open(ctx, async () => {
      // What is left of OPTIONS is no preflight, but a question all the same (RFC 9110 §9.3.7).
      if (ctx.method === 'OPTIONS') {
        ctx.set('Allow', methods);
        ctx.status = 204;
        return;
      }
      // Answered here for good: oidc-provider would echo the origin instead of the star.
      delete ctx.req.headers.origin;
      await next();
    });
  };
}
