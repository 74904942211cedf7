/** `npm run keys -- list | rotate | retire`: signing keys, also while servers run; they notice within a minute. */
import { type Command, Option } from 'commander';
import { loadConfig } from '#src/config.js';
import {
  algorithmsInUse,
  listSigningKeys,
  retireSigningKey,
  rotateSigningKey,
  type SigningAlg,
  signsNow,
  unneededFrom,
} from '#src/oauth/signingKeys.js';
import type { SigningKey } from '#src/stores/records/signingKey.js';
import { createProgram, run, withExamples } from './cli/command.js';
import { UsageError } from './cli/exitCodes.js';
import { answer, table } from './directory/answer.js';

const moment = (ms: number): string => new Date(ms).toISOString();

function state(keys: readonly SigningKey[], key: SigningKey): string {
  if (signsNow(keys, key.alg)?.id === key.id) return 'signs';
  const over = unneededFrom(keys, key);
  if (over === undefined) return `signs from ${moment(key.signsFrom)}`;
  return over <= Date.now() ? 'can be retired' : `verifies; can be retired from ${moment(over)}`;
}

async function list(_options: unknown, command: Command): Promise<void> {
  await answer(command, async ({ durable }) => {
    const keys = await listSigningKeys(durable);
    const rows = keys.map((key) => ({
      id: key.id,
      alg: key.alg,
      created: moment(key.createdAt),
      state: state(keys, key),
    }));
    return {
      text: table(
        rows.map((row) => Object.values(row)),
        'There are no keys yet; a server makes them when it starts.',
      ),
      json: rows,
    };
  });
}

async function rotate({ alg }: { alg?: SigningAlg }, command: Command): Promise<void> {
  const config = loadConfig();
  await answer(command, async ({ durable }) => {
    const made: SigningKey[] = [];
    for (const each of alg ? [alg] : algorithmsInUse(config)) made.push(await rotateSigningKey(config, durable, each));
    const text = made.map((key) => `New ${key.alg} key ${key.id}: published now, signs from ${moment(key.signsFrom)}.`);
    return { text, json: made.map(({ sealedJwk: _, ...key }) => key) };
  });
}

async function retire(id: string, { force = false }: { force?: boolean }, command: Command): Promise<void> {
  await answer(command, async ({ durable }) => {
    const keys = await listSigningKeys(durable);
    const key = keys.find((one) => one.id === id);
    if (!key) throw new UsageError(`There is no key ${id}; see "keys list".`);
    const over = unneededFrom(keys, key);
    if (over === undefined)
      throw new UsageError(`Key ${id} signs, or will; rotate first and wait until the next key signs.`);
    if (over > Date.now() && !force)
      throw new UsageError(
        `Tokens that key ${id} signed may be alive until ${moment(over)}; wait, or end them with --force.`,
      );
    await retireSigningKey(durable, id);
    return {
      text: [`Key ${id} is retired; tokens that it signed are worth nothing within a minute.`],
      json: { retired: id },
    };
  });
}

const program = withExamples(
  createProgram('keys', 'Signing keys of this server. Works while servers run; they look for new keys every minute.'),
  'npm run keys -- list',
  'npm run keys -- rotate',
);
withExamples(program.command('list'), 'npm run keys -- list', 'npm run --silent keys -- list --json')
  .description('all keys and what each does')
  .action(list);
withExamples(program.command('rotate'), 'npm run keys -- rotate', 'npm run keys -- rotate --alg ES256')
  .description('add the next key: published at once, signing ten minutes later')
  .addOption(new Option('--alg <alg>', 'without it, every algorithm in use').choices(['RS256', 'ES256']))
  .action(rotate);
withExamples(program.command('retire'), 'npm run keys -- retire KEY_ID', 'npm run keys -- retire KEY_ID --force')
  .description('take a key away that no living token needs')
  .argument('<id>', 'the key id (kid)')
  .option('--force', 'also while tokens that it signed may be alive; they stop working')
  .action(retire);
await run(program);
