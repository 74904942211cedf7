/** Headers of the answers that Koa gives: those of every answer, and what browsers are told of pages beside them. */

import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import { answerFields } from './answerFields.js';
import { CONTENT_SECURITY_POLICY } from './contentSecurityPolicy.js';
import type { HttpState } from './context.js';

/**
 * Where web clients send a popup that they wait for. Any policy but none would cut it off from them for good, also once it is back
 * at the client; what another window could do to the consent page, its button keeps from working.
 */
const IN_POPUPS = /^\/(authorize|login|interaction)(\/|$)/;

/**
 * @param basePath the issuer's path
 * @param secure whether the issuer is on HTTPS, which alone may be announced for good (RFC 6797)
 */
export function securityHeaders(basePath: string, secure: boolean): Middleware<HttpState>[] {
  const fields = answerFields(secure);
  return [
    helmet({
      contentSecurityPolicy: false,
      crossOriginEmbedderPolicy: false,
      // By path, below.
      crossOriginOpenerPolicy: false,
      // Discovery, registration and tokens are read by web clients of other origins.
      crossOriginResourcePolicy: false,
      // Among those of every answer.
      ...{ noSniff: false, referrerPolicy: false, frameguard: false, hsts: false },
    }) as Middleware<HttpState>,
    (ctx, next) => {
      for (let n = 0; n < fields.length; n += 2) ctx.set(fields[n] ?? '', fields[n + 1] ?? '');
      ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      if (!IN_POPUPS.test(ctx.path.slice(basePath.length)))
        ctx.set('Cross-Origin-Opener-Policy', 'same-origin-allow-popups');
      ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      return next();
    },
  ];
}
