/** What the cookies of the pages have in common. */
import type { Site } from './site.js';

/** A cookie's name: on HTTPS with the prefix that keeps it to this host. */
export const cookieName = (site: Pick<Site, 'config'>, name: string): string =>
  site.config.secure ? `__Host-${name}` : name;

/** Signed, for this server's own pages alone. */
export const attributes = (site: Site) =>
  ({ signed: true, httpOnly: true, sameSite: 'lax', path: '/', secure: site.config.secure }) as const;
