/** Headers of every answer: no framing, no referrer, no sniffing, no caching of what is personal. */

import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import { CONTENT_SECURITY_POLICY } from './contentSecurityPolicy.js';
import type { HttpState } from './context.js';

/**
 * @param secure whether the issuer is on HTTPS, which alone may be announced for good (RFC 6797)
 */
export function securityHeaders(secure: boolean): Middleware<HttpState>[] {
  return [
    helmet({
      contentSecurityPolicy: false,
      crossOriginEmbedderPolicy: false,
      // Web clients open the consent page in a popup and wait for it to come back to them.
      crossOriginOpenerPolicy: false,
      // Discovery, registration and tokens are read by web clients of other origins.
      crossOriginResourcePolicy: false,
      referrerPolicy: { policy: 'no-referrer' },
      frameguard: { action: 'deny' },
      hsts: secure && { maxAge: 31_536_000, includeSubDomains: false },
    }) as Middleware<HttpState>,
    (ctx, next) => {
      ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      ctx.set('Cache-Control', 'no-store');
      return next();
    },
  ];
}
