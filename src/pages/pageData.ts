/** What the views of all pages need. Dates are ISO 8601 in UTC; paths are complete, the issuer's path included. */

/** What every page has. */
export interface Page {
  title: string;
  account?: { name: string; email: string } | undefined;
  /** The two menus; absent on pages with one card. */
  menu?: Menu | undefined;
  csrfToken: string;
}

/** The account menu, by the email address, and the profile menu, by the avatar. */
export interface Menu {
  /** The personal one first, then by name. */
  organizations: readonly { id: string; name: string; personal: boolean; current: boolean }[];
  currentName: string;
  /** The settings of the current organization, for those who may administer it. */
  settings: string | undefined;
  /** Where switching the organization leads back to. */
  returnTo: string;
  billingUrl: string | undefined;
  supportUrl: string | undefined;
}
