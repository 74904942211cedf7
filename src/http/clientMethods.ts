/** Which methods the endpoints for clients have; whoever asks for them or takes another one is told (RFC 9110 §9.3.7, §15.5.6). */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { HttpError } from './errors.js';

const READ = ['GET', 'HEAD', 'OPTIONS'];
const POSTED = ['POST', 'OPTIONS'];
const ENDPOINTS: readonly (readonly [path: string, methods: readonly string[]])[] = [
  ['/jwks', READ],
  ['/register', POSTED],
  ['/token', POSTED],
  ['/revoke', POSTED],
  ['/introspect', POSTED],
  ['/userinfo', ['GET', 'HEAD', 'POST', 'OPTIONS']],
];

/**
 * @param basePath the issuer's path
 * @param metadataPaths where the metadata is served
 */
export function clientMethods(basePath: string, metadataPaths: readonly string[]): Middleware<HttpState> {
  const methodsOf = new Map([
    ...metadataPaths.map((path) => [path, READ] as const),
    ...ENDPOINTS.map(([path, methods]) => [basePath + path, methods] as const),
  ]);
  return (ctx, next) => {
    const { method } = ctx;
    const methods = methodsOf.get(ctx.path);
    if (methods === undefined || (method !== 'OPTIONS' && methods.includes(method))) return next();
    const allow = { Allow: methods.join(', ') };
    if (method !== 'OPTIONS')
      throw new HttpError(405, 'invalid_request', `This endpoint takes ${allow.Allow} and not ${method}.`, {
        headers: allow,
      });
    ctx.set(allow);
    ctx.status = 204;
    return undefined;
  };
}
