/** The shape of a role assignment as members, invitations and introspection carry it. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';

export const RoleId = z.enum([
  'account-owner',
  'account-admin',
  'app-admin',
  'app-viewer',
  'key-admin',
  'key-viewer',
  'insights',
  'bizops-objects-operator',
  'illuminate-admin',
  'functions-developer',
  'functions-viewer',
]);
export type RoleId = z.infer<typeof RoleId>;

/** So many roles one member can have at most. */
export const MOST_ROLES = TEXT_BOUNDS.roles.most;

/** An app and a keyset are opaque ids of the operator's product. */
const ScopeId = z.string().min(1).max(TEXT_BOUNDS.roleScope.most);

export const RoleAssignment = z.strictObject({
  role: RoleId,
  app: ScopeId.exactOptional(),
  keyset: ScopeId.exactOptional(),
});
export type RoleAssignment = z.infer<typeof RoleAssignment>;
