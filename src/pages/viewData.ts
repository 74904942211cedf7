/** What each view needs. All dates are ISO 8601 in UTC; all paths are complete, the issuer's path included. */

import type { OrganizationViews } from './organizationViews.js';
import type { Page } from './pageData.js';

/** Creating an organization; its form posts `name` and `csrf_token` to `/organizations/new`. */
export interface NewOrganizationData {
  page: Page;
  cancel: string;
  name?: string | undefined;
  error?: string | undefined;
}

/** The sign-in page; its form posts `email`, `password`, `csrf_token` and `return_to` to `/login`. */
export interface LoginData {
  page: Page;
  email?: string | undefined;
  error?: string | undefined;
  returnTo?: string | undefined;
  notice?: string | undefined;
  /** The client that is waiting for this sign-in, when there is one. */
  clientName?: string | undefined;
  /** Accounts anyone may try; only with the demo directory. */
  demo?: readonly { email: string; password: string }[] | undefined;
  /** Where a forgotten password leads; only where mail can be sent. */
  forgotten?: string | undefined;
  /** Whether people can sign in with passwords. */
  passwords: boolean;
  /** The button that leads to the upstream, when there is one. */
  upstream?: { name: string; href: string } | undefined;
}

/** An organization that may be picked on the consent page. */
export interface ConsentOrganization {
  id: string;
  name: string;
  personal: boolean;
  /** What the client will be able to do there, where it is connected already and the list of the page does not say it. */
  connected?: readonly ConsentAbility[] | undefined;
}

/** Something that the client will be able to do; `isNew` says whether it can do so already, where it is connected. */
export interface ConsentAbility {
  scope: string;
  description: string;
  isNew?: boolean;
}

/** The consent page; its form posts `organization_id`, `decision` (`approve` or `deny`), `shown` and `csrf_token` to `action`. */
export interface ConsentData {
  page: Page;
  action: string;
  client: { name: string; id: string; verifiedHost?: string | undefined; uri?: string | undefined };
  /** Where the browser goes afterwards; `local` when that is an app on the person's own device. */
  redirect: { host: string; local: boolean };
  resource: { name: string; indicator: string };
  scopes: readonly ConsentAbility[];
  /** Stands for what the page says, and is sent back. */
  shown: string;
  /** Empty: nothing can be allowed, and `emptyReason` says why. */
  organizations: readonly ConsentOrganization[];
  /** The id of the organization to preselect. */
  selected?: string | undefined;
  expiresAt: string;
  error?: string | undefined;
  emptyReason?: string | undefined;
  switchAccountAction: string;
}

/** A page for anything that went wrong: what, what to do next, and the id under which the log has it. */
export interface ErrorData {
  page: Page;
  heading: string;
  message: string;
  whatToDo: string;
  reference: string;
  /** Where the person may go with this error: to a client, at this host or scheme. */
  onward?: { href: string; target: string } | undefined;
}

/** One row of MCP Connections. */
export interface ConnectionRow {
  id: string;
  organizationName: string;
  clientName: string;
  clientId: string;
  verifiedHost?: string | undefined;
  createdAt: string;
  expiresAt: string;
  /** In words, e.g. `29 days left`. */
  timeLeft: string;
  /** When a newer connection of the same client replaced it. */
  replacedAt?: string | undefined;
  /** Why the connection is refused at the moment. */
  rejected?: string | undefined;
}

/** MCP Connections: what the signed-in account has connected. */
export interface ConnectionsData {
  page: Page;
  connections: readonly ConnectionRow[];
  notice?: string | undefined;
  /** The address a client is told to connect to. */
  resourceUrl: string;
  /** Only once there are many. */
  search?: ConnectionSearchData | undefined;
  /** The first page, when this is another one. */
  newest?: string | undefined;
  /** The next page, when there is one. */
  older?: string | undefined;
}

/** The search above MCP Connections; its form gets `text`, `organization` and `client`. */
export interface ConnectionSearchData {
  text: string;
  filtered: boolean;
  organizations: readonly { id: string; name: string; chosen: boolean }[];
  clients: readonly { id: string; name: string; chosen: boolean }[];
}

/** One browser in which the account is signed in. */
export interface SessionRow {
  id: string;
  /** In words, e.g. `Chrome on Windows`. */
  device: string;
  ip: string;
  startedAt: string;
  /** In words, e.g. `active 3 hours ago`. */
  lastSeen: string;
  /** Whether it is this very browser. */
  own: boolean;
}

/** Profile settings; the forms post to `/account/name`, `/account/password` and `/account/sessions/…`. */
export interface ProfileData {
  page: Page;
  name: string;
  email: string;
  hasPassword: boolean;
  /** Whether people can sign in with passwords. */
  passwords: boolean;
  /** What the upstream is called, when the account is linked to it. */
  linkedTo?: string | undefined;
  /** Where a link to set a password is asked for; only where mail can be sent. */
  forgotten?: string | undefined;
  sessions: readonly SessionRow[];
  notice?: string | undefined;
  /** What was typed and refused, to be corrected. */
  typedName?: string | undefined;
  errors?: { name?: string; currentPassword?: string; newPassword?: string } | undefined;
}

/** Asking for a link to set a password, and after that; its form posts `email` to `/password/forgotten`. */
export interface ForgottenPasswordData {
  page: Page;
  sent: boolean;
}

/** Setting a password with a mailed link; its form posts `new_password` to `action`. */
export interface ResetPasswordData {
  page: Page;
  action: string;
  email: string;
  error?: string | undefined;
}

/** Asks before a connection is removed; its form posts `csrf_token` to `action`. */
export interface RemoveConnectionData {
  page: Page;
  action: string;
  connection: { organizationName: string; clientName: string; clientId: string };
  /** Where "Cancel" goes. */
  cancel: string;
}

/** After an answer to a client: leads on by itself, and by a link where the browser does not. */
export interface LeadingOnData {
  page: Page;
  client: string;
  href: string;
}

/** For a person who comes back to a request that they have answered. */
export interface AnsweredData {
  page: Page;
}

/** After sign-out. */
export interface SignedOutData {
  page: Page;
  /** What the upstream is called, where people may still be signed in. */
  upstream?: string | undefined;
}

/** Every view by its name. */
export interface ViewData extends OrganizationViews {
  login: LoginData;
  consent: ConsentData;
  error: ErrorData;
  connections: ConnectionsData;
  forgottenPassword: ForgottenPasswordData;
  leadingOn: LeadingOnData;
  answered: AnsweredData;
  newOrganization: NewOrganizationData;
  profile: ProfileData;
  removeConnection: RemoveConnectionData;
  resetPassword: ResetPasswordData;
  signedOut: SignedOutData;
}
