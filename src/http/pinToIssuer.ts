/** Every address that this server writes comes from its issuer; what a request says of host and scheme is dropped. */
import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Config } from '../config.js';
import { clientAddress } from './clientAddress.js';
import type { HttpState } from './context.js';
import { aliasAsked } from './issuerAlias.js';

/**
 * Gives the request an id, which its answer carries and the log has, and notes the client's address, then rewrites the
 * request as one that came to the issuer itself, so that no library below can read anything else.
 */
export function pinToIssuer(config: Config): Middleware<HttpState> {
  const issuer = new URL(config.issuer);
  return (ctx, next) => {
    const { headers } = ctx.req;
    ctx.state.requestId = randomUUID();
    ctx.set('X-Request-Id', ctx.state.requestId);
    ctx.state.issuer = aliasAsked(ctx.req) ?? config.issuer;
    ctx.state.ip = clientAddress(ctx.req, config.trustProxy);
    for (const name of Object.keys(headers)) if (/^(x-forwarded-|forwarded$)/.test(name)) delete headers[name];
    headers.host = issuer.host;
    headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
    return next();
  };
}
