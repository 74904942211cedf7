/** Where a page may send a browser back to: addresses of this server only. */
import type { Config } from '../config.js';
import { fits } from '../textBounds.js';

/**
 * A `return_to` value as a path of this server.
 * @param value what the request says
 * @returns path and query below the issuer's path, or undefined for everything that leads elsewhere or is too long to be kept
 */
export function localPath(config: Config, value: string | null | undefined): string | undefined {
  if (!value?.startsWith(`${config.basePath}/`) || /[\\\p{Cc}]/u.test(value) || !fits('returnTo', value))
    return undefined;
  const { origin } = new URL(config.issuer);
  if (!URL.canParse(value, origin)) return undefined;
  const url = new URL(value, origin);
  const inside = url.origin === origin && url.pathname.startsWith(`${config.basePath}/`);
  return inside && !url.pathname.startsWith('//') ? url.pathname + url.search : undefined;
}
