/** Every address that this server writes comes from its issuer; what a request says of host and scheme is dropped. */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { Middleware } from 'koa';
import type { Config } from '../config.js';
import type { HttpState } from './context.js';

/**
 * Gives the request an id, which its answer carries and the log has, and notes the client's address (the X-Forwarded-For entry that the outermost trusted proxy wrote, RFC 7239 §5.2), then
 * rewrites the request as one that came to the issuer itself, so that no library below can read anything else.
 */
export function pinToIssuer(config: Config): Middleware<HttpState> {
  const issuer = new URL(config.issuer);
  return (ctx, next) => {
    const { headers, socket } = ctx.req;
    ctx.state.requestId = randomUUID();
    ctx.set('X-Request-Id', ctx.state.requestId);
    ctx.state.ip = clientAddress(headers['x-forwarded-for'], config.trustProxy) ?? socket.remoteAddress ?? '';
    for (const name of Object.keys(headers)) if (/^(x-forwarded-|forwarded$)/.test(name)) delete headers[name];
    headers.host = issuer.host;
    headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
    return next();
  };
}

function clientAddress(forwardedFor: string | string[] | undefined, hops: number): string | undefined {
  if (hops === 0 || forwardedFor === undefined) return undefined;
  const addresses = [forwardedFor]
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim());
  const address = addresses.at(-Math.min(hops, addresses.length)) ?? '';
  return isIP(address) === 0 ? undefined : address;
}
