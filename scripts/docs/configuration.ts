/** `npm run docs:configuration`: writes the tables of docs/configuration.md, and .env.example, from the schemas. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { ConfigFile } from '#src/configFile.js';
import { Environment } from '#src/environment.js';
import { between, environmentFile, settingsTable } from './configurationText.js';
import { settingsOf } from './settings.js';

const DOCUMENT = 'docs/configuration.md';
const EXAMPLE = '.env.example';

async function written(): Promise<Record<string, string>> {
  const variables = settingsOf(Environment);
  const withVariables = between(
    await readFile(DOCUMENT, 'utf8'),
    'environment variables',
    settingsTable('variable', variables),
  );
  return {
    [DOCUMENT]: between(withVariables, 'configuration file', settingsTable('field', settingsOf(ConfigFile))),
    [EXAMPLE]: environmentFile(variables),
  };
}

const program = new Command('docs:configuration')
  .description(`Writes the tables of ${DOCUMENT}, and ${EXAMPLE}, from the descriptions in the schemas.`)
  .option('--check', 'write nothing; fail when one of them says something else')
  .option('--json', 'answer with JSON')
  .addHelpText(
    'after',
    `
Examples:
  npm run docs:configuration
  npm run docs:configuration -- --check`,
  )
  .action(async ({ check = false, json = false }: { check?: boolean; json?: boolean }) => {
    const stale: string[] = [];
    for (const [file, text] of Object.entries(await written())) {
      if ((await readFile(file, 'utf8')) === text) continue;
      stale.push(file);
      if (!check) await writeFile(file, text);
    }
    if (json) console.log(JSON.stringify({ [check ? 'stale' : 'written']: stale }));
    else if (check && stale.length > 0) console.error(`Stale: ${stale.join(', ')}. Run: npm run docs:configuration`);
    else console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Everything is up to date.');
    if (check && stale.length > 0) process.exitCode = 1;
  });
await program.parseAsync();
