/** The endpoints that web clients of any origin call: open to them, never with credentials. */
import cors from '@koa/cors';
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';

const CALLED_BY_WEB_CLIENTS = ['/jwks', '/register', '/token', '/revoke', '/userinfo'];

/**
 * @param basePath the issuer's path
 * @param metadataPaths where the metadata is served
 */
export function crossOrigin(basePath: string, metadataPaths: readonly string[]): Middleware<HttpState> {
  const open = cors({
    origin: '*',
    allowMethods: ['GET', 'POST', 'OPTIONS'],
    // Clients send along what is configured for an MCP server or its tracing. The star does not cover Authorization.
    allowHeaders: ['*', 'Authorization', 'Content-Type', 'MCP-Protocol-Version'],
    exposeHeaders: ['WWW-Authenticate', 'Retry-After'],
    maxAge: 3_600,
  }) as Middleware<HttpState>;
  const paths = new Set([...metadataPaths, ...CALLED_BY_WEB_CLIENTS.map((path) => basePath + path)]);
  return (ctx, next) => {
    if (!paths.has(ctx.path)) return next();
    return open(ctx, () => {
      // Answered here for good: oidc-provider would echo the origin instead of the star.
      delete ctx.req.headers.origin;
      return next();
    });
  };
}
