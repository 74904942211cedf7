/** What the views of an organization's pages need. Dates are ISO 8601 in UTC; paths are complete. */
import type { Page } from './pageData.js';

/** The organization that a page is about, and which of its sections. */
export interface OrganizationHead {
  name: string;
  personal: boolean;
  /** The path of its pages. */
  path: string;
  section: 'settings' | 'members' | 'connections' | 'audit';
}

export interface Person {
  name: string;
  email: string;
}

/** The switch "Allow MCP connections for all clients". */
export interface OrganizationSettingsData {
  page: Page;
  organization: OrganizationHead;
  notice?: string | undefined;
  mcpAccess: boolean;
  /** Who moved the switch last; `name` is undefined for the operator. */
  changed?: { at: string; name: string | undefined } | undefined;
  /** How many are active, in words. */
  connections: string;
}

/** Asks before something is done; the form posts `csrf_token`, `fields` and the option to `action`. */
export interface ConfirmationData {
  page: Page;
  organization: OrganizationHead;
  heading: string;
  lead: string;
  facts: readonly { name: string; value: string; code?: string | undefined }[];
  /** What happens, one sentence each. */
  consequences: readonly string[];
  option?: { name: string; label: string; hint: string } | undefined;
  fields: readonly { name: string; value: string }[];
  action: string;
  submit: string;
  cancel: string;
}

export interface OrganizationConnectionRow {
  id: string;
  /** Undefined when the account is gone. */
  member: Person | undefined;
  memberConnections: string;
  clientName: string;
  clientId: string;
  clientConnections: string;
  verifiedHost?: string | undefined;
  createdAt: string;
  expiresAt: string;
  timeLeft: string;
  /** When a newer connection of the same client replaced it. */
  replacedAt?: string | undefined;
  /** Why it is rejected, where that is not MCP access. */
  rejected?: string | undefined;
}

export interface OrganizationConnectionsData {
  page: Page;
  organization: OrganizationHead;
  notice?: string | undefined;
  mcpAccess: boolean;
  connections: readonly OrganizationConnectionRow[];
  /** What the list is narrowed to by a text. */
  text: string;
  /** The one member or client whose connections are listed, how many they are, and where all of them are removed. */
  only?: { name: string; detail: string; count: number; member: string; client: string; removeAll: string } | undefined;
  filtered: boolean;
  older?: string | undefined;
  newest?: string | undefined;
}

export interface MemberRow extends Person {
  id: string;
  roles: readonly string[];
  owner: boolean;
  you: boolean;
  /** The address is not known to be the person's. */
  unverified: boolean;
  joinedAt: string;
}

export interface InvitationRow {
  id: string;
  email: string;
  roles: readonly string[];
  invitedBy: string;
  expiresAt: string;
  timeLeft: string;
  mailed: boolean;
}

export interface MembersData {
  page: Page;
  organization: OrganizationHead;
  notice?: { kind: 'good' | 'caution'; text: string } | undefined;
  /** A link that was made just now, shown this once. */
  link?: { email: string; address: string } | undefined;
  members: readonly MemberRow[];
  total: number;
  text: string;
  invitations: readonly InvitationRow[];
  /** How many more there are. */
  furtherInvitations: number;
  mails: boolean;
  older?: string | undefined;
  newer?: string | undefined;
}

/** A role of one app or keyset, as it stands in a row of the form. */
export interface ScopedRow {
  role: string;
  app: string;
  keyset: string;
}

/** Roles to choose; posts `role:<id>` for the whole organization, and `scoped-<n>`, `app-<n>`, `keyset-<n>`. */
export interface MemberRolesData {
  page: Page;
  organization: OrganizationHead;
  heading: string;
  action: string;
  /** Whose roles; without it the form asks for an address. */
  member?: (Person & { unverified: boolean }) | undefined;
  email: string;
  wide: readonly { id: string; label: string; gives: string; checked: boolean }[];
  scoped: readonly { id: string; label: string; gives: string }[];
  rows: readonly ScopedRow[];
  error?: { field: 'email' | 'roles'; message: string } | undefined;
  submit: string;
  mails: boolean;
  cancel: string;
}

export interface AuditRow {
  at: string;
  /** Undefined for the operator. */
  who: Person | undefined;
  /** What did it when it was no account: the operator, or a client. */
  actor: string;
  ip?: string | undefined;
  action: string;
  refused: boolean;
  details: string;
}

export interface AuditLogData {
  page: Page;
  organization: OrganizationHead;
  events: readonly AuditRow[];
  groups: readonly { label: string; actions: readonly { id: string; label: string; selected: boolean }[] }[];
  person: string;
  filtered: boolean;
  download: string;
  older?: string | undefined;
  newest?: string | undefined;
}

/** An invitation, for whoever holds its link. */
export interface InvitationData {
  page: Page;
  organization: string;
  roles: readonly { label: string; gives: string }[];
  inviter: Person | undefined;
  email: string;
  expiresAt: string;
  /**
   * What the person has to do: accept, sign in with the invited address, switch account, make an account, one of both where
   * it must not be told which, or sign in with an account that there may not be.
   */
  step: 'accept' | 'sign-in' | 'switch' | 'join' | 'either' | 'account-needed';
  action: string;
  signIn: string;
  /** Whether a new person can make an account with a password. */
  passwords: boolean;
  /** The button that leads to the upstream, when there is one. */
  upstream?: { name: string; href: string } | undefined;
  name?: string | undefined;
  error?: { field: 'name' | 'password' | 'all'; message: string } | undefined;
}

export interface JoinedData {
  page: Page;
  organization: string;
  mcpAccess: boolean;
  /** The organization's settings, for those who may open them. */
  settings: string | undefined;
  /** Where a person without a password sets one. */
  newPassword: string | undefined;
  resourceUrl: string;
}

/** Every view of this file by its name. */
export interface OrganizationViews {
  organizationSettings: OrganizationSettingsData;
  organizationConfirmation: ConfirmationData;
  organizationConnections: OrganizationConnectionsData;
  members: MembersData;
  memberRoles: MemberRolesData;
  auditLog: AuditLogData;
  invitation: InvitationData;
  joined: JoinedData;
}
