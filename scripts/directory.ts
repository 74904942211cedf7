/** `npm run directory -- …`: the operator's way to accounts, organizations, members and connections; also while the server runs. */
import { createProgram, run, withExamples } from './cli/command.js';
import { groupsToLoad } from './directory/groups.js';

const program = withExamples(
  createProgram(
    'directory',
    'Accounts, organizations, members and connections of this server. Works while the server runs.',
  ),
  'npm run directory -- accounts list',
  'npm run directory -- mcp-access off "Beacon Labs"',
  'npm run --silent directory -- members list "Acme Robotics" --json',
);
for (const load of groupsToLoad(process.argv.slice(2))) (await load())(program);
await run(program);
