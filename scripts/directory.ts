/** `npm run directory -- …`: the operator's way to accounts, organizations, members and connections; also while the server runs. */
import { createProgram, run, withExamples } from './cli/command.js';
import { addAccountCommands } from './directory/accounts.js';
import { addConnectionCommands } from './directory/connections.js';
import { addFileCommands } from './directory/files.js';
import { addMcpAccessCommand } from './directory/mcpAccess.js';
import { addMemberCommands } from './directory/members.js';
import { addOrganizationCommands } from './directory/organizations.js';

const program = withExamples(
  createProgram(
    'directory',
    'Accounts, organizations, members and connections of this server. Works while the server runs.',
  ),
  'npm run directory -- accounts list',
  'npm run directory -- mcp-access off "Beacon Labs"',
  'npm run --silent directory -- members list "Acme Robotics" --json',
);
addAccountCommands(program);
addOrganizationCommands(program);
addMemberCommands(program);
addMcpAccessCommand(program);
addConnectionCommands(program);
addFileCommands(program);
await run(program);
