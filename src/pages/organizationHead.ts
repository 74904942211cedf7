/** The head of an organization's pages: its name, and which section is open. */
import type { Administration } from './organizationAccess.js';
import type { OrganizationHead } from './organizationViews.js';

/** @param section the section that is marked in the navigation */
export const headOf = (
  { organization: { name, personal }, path }: Administration,
  section: OrganizationHead['section'],
): OrganizationHead => ({ name, personal, path, section });
