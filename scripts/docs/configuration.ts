/** `npm run docs:configuration`: writes the tables of docs/configuration.md, and .env.example, from the schemas. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ConfigFile } from '#src/configFile.js';
import { Environment } from '#src/environment.js';
import { createProgram, run, say, withExamples } from '../cli/command.js';
import { exitCodes } from '../cli/exitCodes.js';
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

const program = withExamples(
  createProgram(
    'docs:configuration',
    `Writes the tables of ${DOCUMENT}, and ${EXAMPLE}, from the descriptions in the schemas.`,
  ),
  'npm run docs:configuration',
  'npm run docs:configuration -- --check',
)
  .option('--check', 'write nothing; fail when one of them says something else')
  .action(async ({ check = false }: { check?: boolean }, command: Command) => {
    const stale: string[] = [];
    for (const [file, text] of Object.entries(await written())) {
      if ((await readFile(file, 'utf8')) === text) continue;
      stale.push(file);
      if (!check) await writeFile(file, text);
    }
    const done = check ? 'Stale' : 'Written';
    const what = check ? '. Run: npm run docs:configuration' : '';
    say(command, {
      text: [stale.length > 0 ? `${done}: ${stale.join(', ')}${what}` : 'Everything is up to date.'],
      json: { [done.toLowerCase()]: stale },
    });
    if (check && stale.length > 0) process.exitCode = exitCodes.refused;
  });
await run(program);
