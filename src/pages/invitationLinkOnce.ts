/** An invitation's link that nobody mails: shown once to whoever made it, and never kept by this server. */
import { secretHash } from '../ids.js';
import type { Invitation } from '../stores/records/invitation.js';
import { attributes } from './cookies.js';
import type { Administration } from './organizationAccess.js';
import type { Site } from './site.js';

/** Long enough for a redirect, in milliseconds. */
const SHOWN_WITHIN_MS = 60_000;

/** Between the form and the page that shows it the token is with the browser alone: an address would stand in logs. */
const cookie = (site: Site, { path }: Administration) => ({
  name: site.config.secure ? '__Secure-invitation' : 'invitation',
  attributes: { ...attributes(site), path: `${path}/members`, sameSite: 'strict' as const },
});

/** Lets the next page of the organization's members show the link. */
export function showLinkOnce(site: Site, admin: Administration, token: string): void {
  const { name, attributes } = cookie(site, admin);
  admin.ctx.cookies.set(name, token, { ...attributes, maxAge: SHOWN_WITHIN_MS });
}

/** The link that the form before made, if any; asking for it takes it away. */
export function invitationLinkOnce(
  site: Site,
  admin: Administration,
  invitations: readonly Invitation[],
): { email: string; address: string } | undefined {
  const { name, attributes } = cookie(site, admin);
  const token = admin.ctx.cookies.get(name, { signed: true });
  if (token === undefined) return undefined;
  admin.ctx.cookies.set(name, null, attributes);
  const hash = secretHash(token);
  const invitation = invitations.find(({ tokenHash }) => tokenHash === hash);
  return invitation && { email: invitation.email, address: invitationAddress(site, token) };
}

/** The address that an invitation's link opens. */
export const invitationAddress = ({ config }: Site, token: string): string => `${config.baseUrl}/invitations/${token}`;
