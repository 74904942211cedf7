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
 * @returns what loads the group that is named first; all of them when none is, for the help and for what it suggests
 */
export function groupsToLoad(args: readonly string[]): readonly Load[] {
  const named = args.map((word) => groups.get(word)).find((load) => load !== undefined);
  return named ? [named] : [...new Set(groups.values())];
}
