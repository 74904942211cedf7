/** The option `--role`, once for each role. */
import { InvalidArgumentError, Option } from 'commander';
import { assignableRoles } from '#src/organizations/roles.js';
import type { RoleAssignment } from '#src/stores/records/role.js';

function parsed(value: string): RoleAssignment {
  const [, id, , place = ''] = /^([^:]*)(:(.*))?$/s.exec(value) ?? [];
  const role = assignableRoles.find((one) => one.id === id);
  if (!role) throw new InvalidArgumentError(`Roles: ${assignableRoles.map((one) => one.id).join(', ')}.`);
  const [, app = '', keyset = ''] = role.scope === 'keyset' ? (/^([^/]*)\/(.*)$/s.exec(place) ?? []) : ['', place];
  const form = { organization: role.id, app: `${role.id}:<app>`, keyset: `${role.id}:<app>/<keyset>` }[role.scope];
  const complete = { organization: value === id, app: app !== '', keyset: app !== '' && keyset !== '' }[role.scope];
  if (!complete || app.length > 128 || keyset.length > 128)
    throw new InvalidArgumentError(`Write it as ${form}, with ids of at most 128 characters.`);
  return { role: role.id, ...(app !== '' && { app }), ...(keyset !== '' && { keyset }) };
}

/** `--role account-admin`, `--role app-admin:storefront`, `--role key-viewer:storefront/production`; repeatable. */
export const roleOption = (): Option =>
  new Option('--role <role>', 'e.g. account-admin, app-admin:<app>, key-viewer:<app>/<keyset>; once for each role')
    .argParser((value: string, earlier: RoleAssignment[] | undefined) => [...(earlier ?? []), parsed(value)])
    .makeOptionMandatory();

/** `--accept-unverified`, of every command that gives a role. */
export const acceptUnverifiedOption = (): Option =>
  new Option('--accept-unverified', 'also give roles to accounts of unverified addresses');
