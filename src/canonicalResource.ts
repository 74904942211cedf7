/** Resource indicators (RFC 8707): when two spellings name the same resource. */

/**
 * One spelling for all equivalent spellings of a resource: scheme and host in lower case, default port dropped, and
 * `https://host` equal to `https://host/`. Everything else stays as it is, a trailing slash after a path included.
 * @param indicator what a client sent or an operator configured
 * @returns the canonical form, or undefined for what is no absolute http(s) URI without fragment and credentials
 */
export function canonicalResource(indicator: string): string | undefined {
  if (!/^https?:\/\//i.test(indicator) || indicator.includes('#') || !URL.canParse(indicator)) return undefined;
  const url = new URL(indicator);
  return url.username || url.password ? undefined : url.href;
}
