/** The headers that every answer has, whichever part of this server gives it. */

/** Names and values of header fields, in turns. */
export type HeaderFields = readonly string[];

/**
 * Nobody keeps the answer (RFC 6749 §5.1), takes it for something else, frames it, or learns from where a link in it was
 * followed; browsers come back by HTTPS alone. Pages and public files replace some of the values.
 * @param secure whether the issuer is on HTTPS, which alone may be announced for good (RFC 6797 §7.2)
 */
export function answerFields(secure: boolean): HeaderFields {
  return [
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer'],
    ...['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'", 'X-Frame-Options', 'DENY'],
    ...(secure ? ['Strict-Transport-Security', 'max-age=31536000'] : []),
  ];
}
