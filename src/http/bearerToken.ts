/** The access token of a request: in the Authorization header and nowhere else (RFC 6750 §2.1, RFC 9700 §4.3.2). */

/**
 * @param authorization the Authorization header; empty when there is none
 * @returns the token; undefined when the header holds none
 */
export function bearerToken(authorization: string): string | undefined {
  return /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
}
