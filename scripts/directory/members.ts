/** `members add | list | remove | set-roles` */
import type { Command } from 'commander';
import { accountByEmailOrId } from '#src/accounts/findAccount.js';
import { addMember } from '#src/organizations/addMember.js';
import { changeRoles } from '#src/organizations/changeRoles.js';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import { membersOf } from '#src/organizations/membersOf.js';
import { removeMember } from '#src/organizations/removeMember.js';
import { describeRole } from '#src/organizations/roles.js';
import type { DurableStore } from '#src/stores/durable.js';
import type { Account } from '#src/stores/records/account.js';
import type { Member } from '#src/stores/records/member.js';
import type { RoleAssignment } from '#src/stores/records/role.js';
import { withExamples } from '../cli/command.js';
import { answer, counted, operator, table } from './answer.js';
import { acceptUnverifiedOption, roleOption } from './roleOption.js';

const inWords = (roles: readonly RoleAssignment[]): string => roles.map(describeRole).join(', ');

const shown = ({ organizationId, accountId, roles }: Member, { email, emailVerified }: Account) => ({
  organization: organizationId,
  account: accountId,
  email,
  emailVerified,
  roles,
});

async function both(durable: DurableStore, organizationName: string, accountName: string) {
  const [organization, account] = await Promise.all([
    organizationByIdOrName(durable, organizationName),
    accountByEmailOrId(durable, accountName),
  ]);
  return { organization, account, ends: { organizationId: organization.id, accountId: account.id } };
}

type Roles = { role: RoleAssignment[]; acceptUnverified?: true };

const add = (
  organizationName: string,
  accountName: string,
  { role: roles, acceptUnverified }: Roles,
  command: Command,
): Promise<void> =>
  answer(command, async (stores) => {
    const { organization, account, ends } = await both(stores.durable, organizationName, accountName);
    const member = await addMember(stores, operator, { ...ends, roles, acceptUnverified });
    const text = [`Added ${account.email} to "${organization.name}" as ${inWords(member.roles)}.`];
    return { text, json: { member: shown(member, account) } };
  });

const setRoles = (
  organizationName: string,
  accountName: string,
  { role: roles, acceptUnverified }: Roles,
  command: Command,
): Promise<void> =>
  answer(command, async (stores) => {
    const { organization, account, ends } = await both(stores.durable, organizationName, accountName);
    const member = await changeRoles(stores, operator, { ...ends, roles, acceptUnverified });
    const text = [`${account.email} is now ${inWords(member.roles)} in "${organization.name}".`];
    return { text, json: { member: shown(member, account) } };
  });

const list = (organizationName: string, _options: object, command: Command): Promise<void> =>
  answer(command, async ({ durable }) => {
    const { id } = await organizationByIdOrName(durable, organizationName);
    const all = await membersOf(durable, id);
    const rows = all.map(({ member, account }) => [
      account.id,
      account.email,
      account.name,
      account.emailVerified ? 'verified' : 'unverified',
      inWords(member.roles),
    ]);
    const json = { members: all.map(({ member, account }) => shown(member, account)) };
    return { text: table(rows, 'There are no members.'), json };
  });

const remove = (organizationName: string, accountName: string, _options: object, command: Command): Promise<void> =>
  answer(command, async (stores) => {
    const { organization, account, ends } = await both(stores.durable, organizationName, accountName);
    const { connections } = await removeMember(stores, operator, ends.organizationId, ends.accountId);
    const text = [
      `Removed ${account.email} from "${organization.name}"; ${counted(connections, 'active connection')} ended.`,
    ];
    return { text, json: { removed: { organization: organization.id, account: account.id, connections } } };
  });

/** Adds the commands of members to the program. */
export function addMemberCommands(program: Command): void {
  const group = withExamples(
    program.command('members').description('who belongs to an organization, and with which roles'),
    'npm run directory -- members list "Acme Robotics"',
  );
  const command = (name: string, description: string, further: string): Command =>
    withExamples(
      group.command(name).description(description).argument('<organization>', 'id or unambiguous name'),
      `npm run directory -- members ${name} "Acme Robotics"${further}`,
    );
  const account = ['<account>', 'email address or id'] as const;
  command('add', 'add an account to an organization', ' joan@example.com --role app-viewer:storefront')
    .argument(...account)
    .addOption(roleOption())
    .addOption(acceptUnverifiedOption())
    .action(add);
  command('list', 'list the members of an organization', '').action(list);
  command('remove', 'remove a member and that member’s connections there', ' joan@example.com')
    .argument(...account)
    .action(remove);
  command('set-roles', 'replace all roles of a member', ' joan@example.com --role insights --role app-admin:blog')
    .argument(...account)
    .addOption(roleOption())
    .addOption(acceptUnverifiedOption())
    .action(setRoles);
}
