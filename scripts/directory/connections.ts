/** `connections list | remove`, by account, by organization, or by both for one member */
import type { Command } from 'commander';
import { accountByEmailOrId } from '#src/accounts/findAccount.js';
import { activeConnections, type ConnectionOwner } from '#src/connections/activeConnections.js';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import { removeConnections } from '#src/organizations/removeConnections.js';
import type { DurableStore } from '#src/stores/durable.js';
import type { Connection } from '#src/stores/records/connection.js';
import { withExamples } from '../cli/command.js';
import { UsageError } from '../cli/exitCodes.js';
import { answer, counted, operator, table } from './answer.js';

interface Options {
  account?: string;
  organization?: string;
}

const shown = ({ id, accountId, organizationId, clientId, clientName, ...rest }: Connection) => ({
  id,
  account: accountId,
  organization: organizationId,
  clientId,
  clientName,
  resource: rest.resource,
  scope: rest.scope,
  createdAt: new Date(rest.createdAt).toISOString(),
  expiresAt: new Date(rest.expiresAt).toISOString(),
  ...(rest.replacedBy && { replacedBy: rest.replacedBy }),
});

function demandOwner(options: Options): void {
  if (options.account === undefined && options.organization === undefined)
    throw new UsageError('Say whose connections: add --account, --organization or both.');
}

async function ownerOf(durable: DurableStore, options: Options): Promise<ConnectionOwner> {
  const accountId = options.account && (await accountByEmailOrId(durable, options.account)).id;
  const organizationId = options.organization && (await organizationByIdOrName(durable, options.organization)).id;
  return { ...(accountId && { accountId }), ...(organizationId && { organizationId }) } as ConnectionOwner;
}

async function list(options: Options, command: Command): Promise<void> {
  demandOwner(options);
  await answer(command, async ({ durable }) => {
    const all = (await activeConnections(durable, await ownerOf(durable, options))).map(shown);
    const rows = all.map((one) => [one.id, one.account, one.organization, one.clientName, `until ${one.expiresAt}`]);
    return { text: table(rows, 'There are no active connections.'), json: { connections: all } };
  });
}

async function remove(options: Options, command: Command): Promise<void> {
  demandOwner(options);
  await answer(command, async (stores) => {
    const owner = await ownerOf(stores.durable, options);
    const ended = (await activeConnections(stores.durable, owner)).map(({ id }) => id);
    const removed = await removeConnections(stores, operator, owner);
    const text = [`Removed ${counted(removed, 'active connection')}; their tokens are dead.`];
    return { text, json: { removed: { connections: ended } } };
  });
}

/** Adds the commands of connections to the program. */
export function addConnectionCommands(program: Command): void {
  const group = withExamples(
    program.command('connections').description('what clients were allowed to do'),
    'npm run directory -- connections list --account ada@example.com',
  );
  const command = (name: string, description: string): Command =>
    withExamples(
      group.command(name).description(description),
      `npm run directory -- connections ${name} --organization "Acme Robotics"`,
      `npm run directory -- connections ${name} --organization "Acme Robotics" --account ada@example.com`,
    )
      .option('--account <account>', 'email address or id')
      .option('--organization <organization>', 'id or unambiguous name');
  command('list', 'list active connections, newest first').action(list);
  command('remove', 'remove all connections of an account, an organization or a member').action(remove);
}
