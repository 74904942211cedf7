/** Which groups of commands are loaded: a command starts in half the time when the others stay on disk. */
import type { Command } from 'commander';

type Load = () => Promise<(program: Command) => void>;

const files: Load = async () => (await import('./files.js')).addFileCommands;

/** By the first word of their commands, in the order of `--help`. */
const groups: ReadonlyMap<string, Load> = new Map([
  ['accounts', async () => (await import('./accounts.js')).addAccountCommands],
  ['organizations', async () => (await import('./organizations.js')).addOrganizationCommands],
  ['members', async () => (await import('./members.js')).addMemberCommands],
  ['mcp-access', async () => (await import('./mcpAccess.js')).addMcpAccessCommand],
  ['connections', async () => (await import('./connections.js')).addConnectionCommands],
  ['import', files],
  ['export', files],
]);

/**
 * @param args of the command line
 * @returns what loads the group that the command is of; all of them where that is not clear, for the help
 */
export function groupsToLoad(args: readonly string[]): readonly Load[] {
  const named = groups.get(args.find((word) => word !== '--json') ?? '');
  return named ? [named] : [...new Set(groups.values())];
}
