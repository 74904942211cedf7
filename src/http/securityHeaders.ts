/** Headers of the answers that Koa gives: those of every answer, and what browsers are told of pages beside them. */

import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import { answerFields } from './answerFields.js';
import { CONTENT_SECURITY_POLICY } from './contentSecurityPolicy.js';
import type { HttpState } from './context.js';

/**
 * @param secure whether the issuer is on HTTPS, which alone may be announced for good (RFC 6797)
 */
export function securityHeaders(secure: boolean): Middleware<HttpState>[] {
  const fields = answerFields(secure);
  return [
    helmet({
      contentSecurityPolicy: false,
      crossOriginEmbedderPolicy: false,
      // Web clients open the consent page in a popup and wait for it to come back to them.
      crossOriginOpenerPolicy: false,
      // Discovery, registration and tokens are read by web clients of other origins.
      crossOriginResourcePolicy: false,
      // Among those of every answer.
      ...{ noSniff: false, referrerPolicy: false, frameguard: false, hsts: false },
    }) as Middleware<HttpState>,
    (ctx, next) => {
      for (let n = 0; n < fields.length; n += 2) ctx.set(fields[n] ?? '', fields[n + 1] ?? '');
      ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
      return next();
    },
  ];
}
