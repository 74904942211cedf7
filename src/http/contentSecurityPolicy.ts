/** The Content-Security-Policy of every answer: nothing inline, nothing from elsewhere, never in a frame. */

/** The same for every page: a form ends on a page of this server, from which another way leads on where there is one. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
