/** `mcp-access on | off <organization>` */
import { Argument, type Command } from 'commander';
import { affectedInWords } from '#src/organizations/affectedInWords.js';
import { organizationByIdOrName } from '#src/organizations/findOrganization.js';
import {
  type AffectedConnections,
  affectedByMcpAccess,
  type McpAccessSwitched,
  switchMcpAccess,
} from '#src/organizations/switchMcpAccess.js';
import { withExamples } from '../cli/command.js';
import { UsageError } from '../cli/exitCodes.js';
import { answer, operator } from './answer.js';

function inWords(
  { organization, changed, connectionsRemoved }: McpAccessSwitched,
  affected: AffectedConnections,
): string[] {
  const state = organization.mcpAccess ? 'on' : 'off';
  const effect = connectionsRemoved ? 'removed' : organization.mcpAccess ? 'accepted again' : 'rejected from now on';
  const first = `MCP access of "${organization.name}" (${organization.id}) ${changed ? 'is now' : 'was already'} ${state}.`;
  return changed || connectionsRemoved ? [first, `${affectedInWords(affected)}: ${effect}.`] : [first];
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
    const affected = await affectedByMcpAccess(stores.durable, id);
    const switched = await switchMcpAccess(stores, operator, id, state === 'on', { removeConnections });
    const { organization, ...json } = switched;
    return {
      text: inWords(switched, affected),
      json: { organization: id, mcpAccess: organization.mcpAccess, affected, ...json },
    };
  });
}

/** Adds the command that switches MCP access to the program. */
export function addMcpAccessCommand(program: Command): void {
  withExamples(
    program.command('mcp-access'),
    'npm run directory -- mcp-access off "Beacon Labs"',
    'npm run directory -- mcp-access off "Beacon Labs" --remove-connections',
  )
    .description('allow or reject all MCP connections of an organization')
    .addArgument(new Argument('<state>', 'where the switch goes').choices(['on', 'off']))
    .argument('<organization>', 'id or unambiguous name')
    .option('--remove-connections', 'with "off": also remove the connections, so that "on" does not revive them')
    .action(move);
}
