/** `organizations add | list | remove` */
import { type Command, Option } from 'commander';
import { accountByEmailOrId, accountById } from '#src/accounts/findAccount.js';
import { createOrganization } from '#src/organizations/createOrganization.js';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import { organizationsOf } from '#src/organizations/organizationsOf.js';
import { removeOrganization } from '#src/organizations/removeOrganization.js';
import type { DurableStore } from '#src/stores/durable.js';
import { type Organization, organizations } from '#src/stores/records/organization.js';
import { withExamples } from '../cli/command.js';
import { answer, counted, operator, table } from './answer.js';
import { acceptUnverifiedOption } from './roleOption.js';

async function shown(durable: DurableStore, { id, name, personal, ownerId, mcpAccess, createdAt }: Organization) {
  const owner = (await accountById(durable, ownerId))?.email ?? ownerId;
  return { id, name, personal, owner, mcpAccess, createdAt: new Date(createdAt).toISOString() };
}

interface AddOptions {
  name: string;
  owner: string;
  mcpAccess: 'on' | 'off';
  acceptUnverified?: true;
}

const add = (options: AddOptions, command: Command): Promise<void> =>
  answer(command, async (stores) => {
    const owner = await accountByEmailOrId(stores.durable, options.owner);
    const organization = await createOrganization(stores, operator, {
      name: options.name,
      ownerId: owner.id,
      mcpAccess: options.mcpAccess === 'on',
      acceptUnverified: options.acceptUnverified,
    });
    const { id, name } = organization;
    const text = [`Added organization "${name}" (${id}), owned by ${owner.email}, MCP access ${options.mcpAccess}.`];
    return { text, json: { organization: await shown(stores.durable, organization) } };
  });

const list = (options: { account?: string }, command: Command): Promise<void> =>
  answer(command, async ({ durable }) => {
    const account = options.account === undefined ? undefined : await accountByEmailOrId(durable, options.account);
    const found = account ? organizationsOf(durable, account.id) : durable.list(organizations, 'byName', []);
    const all = await Promise.all((await found).map((organization) => shown(durable, organization)));
    const rows = all.map(({ id, name, owner, mcpAccess }) => [
      id,
      name,
      owner,
      `MCP access ${mcpAccess ? 'on' : 'off'}`,
    ]);
    return { text: table(rows, 'There are no organizations.'), json: { organizations: all } };
  });

const remove = (idOrName: string, _options: object, command: Command): Promise<void> =>
  answer(command, async (stores) => {
    const { id } = await organizationByIdOrName(stores.durable, idOrName);
    const { organization, members, connections } = await removeOrganization(stores, operator, id);
    const text = [
      `Removed organization "${organization.name}" (${id}) with ${counted(members, 'member')} and ${counted(connections, 'active connection')}.`,
    ];
    return { text, json: { removed: { organization: id, members, connections } } };
  });

/** Adds the commands of organizations to the program. */
export function addOrganizationCommands(program: Command): void {
  const group = withExamples(
    program.command('organizations').description('what connections act in'),
    'npm run directory -- organizations list',
    'npm run directory -- organizations add --name "Delta Works" --owner ada@example.com',
  );
  const command = (name: string, ...examples: readonly string[]): Command =>
    withExamples(group.command(name), ...examples);
  command('add', 'npm run directory -- organizations add --name "Delta Works" --owner ada@example.com --mcp-access off')
    .description('add an organization; its owner stays its owner')
    .requiredOption('--name <name>')
    .requiredOption('--owner <account>', 'email address or id')
    .addOption(new Option('--mcp-access <state>', 'allow MCP connections').choices(['on', 'off']).default('on'))
    .addOption(acceptUnverifiedOption())
    .action(add);
  command('list', 'npm run directory -- organizations list --account ada@example.com')
    .description('list all organizations, or those of one account')
    .option('--account <account>', 'email address or id')
    .action(list);
  command('remove', 'npm run directory -- organizations remove "Delta Works"')
    .description('remove an organization with its members and connections')
    .argument('<organization>', 'id or unambiguous name')
    .action(remove);
}
