/** `mcp-access on | off <organization>` */
import { Argument, type Command } from 'commander';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import { type McpAccessSwitched, switchMcpAccess } from '#src/organizations/switchMcpAccess.js';
import { answer, counted, operator } from './answer.js';
import { UsageError } from './exitCodes.js';

function inWords({ organization, changed, affected, connectionsRemoved }: McpAccessSwitched): string[] {
  const state = organization.mcpAccess ? 'on' : 'off';
  const connections = `${counted(affected.connections, 'active connection')} of ${counted(affected.members, 'member')}`;
  const effect = connectionsRemoved ? 'removed' : organization.mcpAccess ? 'accepted again' : 'rejected from now on';
  const first = `MCP access of "${organization.name}" (${organization.id}) ${changed ? 'is now' : 'was already'} ${state}.`;
  return changed || connectionsRemoved ? [first, `${connections}: ${effect}.`] : [first];
}

async function move(
  state: 'on' | 'off',
  idOrName: string,
  { removeConnections = false }: { removeConnections?: true | false },
  command: Command,
): Promise<void> {
  if (state === 'on' && removeConnections) throw new UsageError('--remove-connections goes with "off" only.');
  await answer(command, async (stores) => {
    const { id } = await organizationByIdOrName(stores.durable, idOrName);
    const switched = await switchMcpAccess(stores, operator, id, state === 'on', { removeConnections });
    const { organization, ...json } = switched;
    return { text: inWords(switched), json: { organization: id, mcpAccess: organization.mcpAccess, ...json } };
  });
}

/** Adds the command that switches MCP access to the program. */
export function addMcpAccessCommand(program: Command): void {
  program
    .command('mcp-access')
    .description('allow or reject all MCP connections of an organization')
    .addArgument(new Argument('<state>', 'where the switch goes').choices(['on', 'off']))
    .argument('<organization>', 'id or unambiguous name')
    .option('--remove-connections', 'with "off": also remove the connections, so that "on" does not revive them')
    .action(move);
}
