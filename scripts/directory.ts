/** `npm run directory -- …`: the operator's way to accounts, organizations, members and connections; also while the server runs. */
import { Command } from 'commander';
import { addAccountCommands } from './directory/accounts.js';
import { addConnectionCommands } from './directory/connections.js';
import { exitCodeOf, exitCodes } from './directory/exitCodes.js';
import { addFileCommands } from './directory/files.js';
import { addMcpAccessCommand } from './directory/mcpAccess.js';
import { addMemberCommands } from './directory/members.js';
import { addOrganizationCommands } from './directory/organizations.js';

const program = new Command('directory')
  .description('Accounts, organizations, members and connections of this server. Works while the server runs.')
  .option('--json', 'answer with JSON')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(add --help for what this command takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `\nExit codes: ${Object.entries(exitCodes)
      .map(([what, code]) => `${code} ${what}`)
      .join(', ')}`,
  );

addAccountCommands(program);
addOrganizationCommands(program);
addMemberCommands(program);
addMcpAccessCommand(program);
addConnectionCommands(program);
addFileCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
