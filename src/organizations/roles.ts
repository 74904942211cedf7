/** The roles that a member can have, what they apply to and which of them exclude each other. */
import type { Member } from '../stores/records/member.js';
import type { RoleAssignment, RoleId } from '../stores/records/role.js';

export type RoleScope = 'organization' | 'app' | 'keyset';

export interface Role {
  readonly id: RoleId;
  readonly label: string;
  readonly scope: RoleScope;
  readonly gives: string;
}

/** Every role there is; all but the account owner's can be assigned. */
export const roles: readonly Role[] = [
  {
    id: 'account-owner',
    label: 'Account Owner',
    scope: 'organization',
    gives: 'highest access in the account, permanently',
  },
  { id: 'account-admin', label: 'Account Admin', scope: 'organization', gives: 'highest access in the account' },
  { id: 'app-admin', label: 'App Admin', scope: 'app', gives: 'changes to app settings and keys' },
  { id: 'app-viewer', label: 'App Viewer', scope: 'app', gives: 'view app-related information' },
  { id: 'key-admin', label: 'Key Admin', scope: 'keyset', gives: 'changes to key settings' },
  { id: 'key-viewer', label: 'Key Viewer', scope: 'keyset', gives: 'keys, without the secret key' },
  {
    id: 'insights',
    label: 'PubNub Insights',
    scope: 'organization',
    gives: 'read-only Insights; not Functions, Events & Actions',
  },
  {
    id: 'bizops-objects-operator',
    label: 'BizOps Objects Operator',
    scope: 'organization',
    gives: 'BizOps objects; not the other portal sections',
  },
  {
    id: 'illuminate-admin',
    label: 'Illuminate Admin',
    scope: 'organization',
    gives: 'Illuminate; not the other portal sections',
  },
  {
    id: 'functions-developer',
    label: 'Functions Developer',
    scope: 'organization',
    gives: 'manage all account functions and packages',
  },
  { id: 'functions-viewer', label: 'Functions Viewer', scope: 'organization', gives: 'view functions' },
];

const roleById = new Map(roles.map((role) => [role.id, role]));

/** The roles that an admin can give: all but the account owner's, in the order of the table. */
export const assignableRoles: readonly Role[] = roles.filter((role) => role.id !== 'account-owner');

/**
 * The table's entry for a role.
 * @param id the role's id
 */
export function roleOf(id: RoleId): Role {
  const role = roleById.get(id);
  if (role === undefined) throw new Error(`The table of roles lacks "${id}".`);
  return role;
}

/**
 * A role assignment in words, e.g. `Key Viewer of keyset "production" in app "storefront"`.
 * @param assignment the role with its app and keyset, where it has them
 */
export function describeRole({ role, app, keyset }: RoleAssignment): string {
  const { label } = roleOf(role);
  if (app === undefined) return label;
  return keyset === undefined ? `${label} of app "${app}"` : `${label} of keyset "${keyset}" in app "${app}"`;
}

/**
 * Whether this member may administer the organization: settings, members, everybody's connections.
 * @param member the membership as it is stored now; undefined when there is none
 */
export function mayAdminister(member: Pick<Member, 'roles'> | undefined): boolean {
  return member?.roles.some(({ role }) => role === 'account-owner' || role === 'account-admin') ?? false;
}

/**
 * Roles as the details of an audit event.
 * @param assignments what a member has from now on
 */
export const roleDetails = (assignments: readonly RoleAssignment[]): { roles: string } => ({
  roles: assignments.map(describeRole).join(', '),
});

/**
 * What an audit event says of a change that the mapping of upstream claims made.
 * @param mappedRoles the roles that claims give; undefined for a change that somebody made
 */
export const byMapping = (mappedRoles: readonly RoleAssignment[] | undefined): { by?: string } =>
  mappedRoles === undefined ? {} : { by: 'by claims of the upstream' };
