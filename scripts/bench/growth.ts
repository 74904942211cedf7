/**
 * How much slower a full store is than a small one: introspection, the connection list of an account and the switch of
 * an organization with a tenth of all connections, over HTTP and, of the embedded store, the reads below as well. Run it with
 * `npm run bench:growth -- --stores embedded --connections 1000000`; `--stores mongo` needs MONGODB_URI and REDIS_URL.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createProgram, run, say, withExamples } from '../cli/command.js';
import { exitCodes } from '../cli/exitCodes.js';
import { type Operation, operations, type Place, TOKENS, timed } from './growth/operations.js';
import { sizes } from './growth/population.js';
import { type SeededStores, seedEmbedded, seedMongo } from './growth/seededStores.js';
import { serve } from './growth/served.js';

const SMALL = 1_000;
const MOST = 1.2;

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Medians in milliseconds. */
interface Comparison extends Pick<Operation, 'name' | 'demanded'> {
  readonly small: number;
  readonly large: number;
  readonly factor: number;
}

/** Small and large take turns, so that whatever else the machine does meets both. */
async function compare(places: readonly [Place, Place]): Promise<Comparison[]> {
  const compared: Comparison[] = [];
  for (const operation of operations) {
    const { name, rounds, warmUp, demanded } = operation;
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < warmUp + rounds; round += 1)
      for (const [n, place] of places.entries()) {
        const time = await timed(place, operation, round);
        if (round >= warmUp) times[n]?.push(time);
      }
    const [small, large] = times.map(median) as [number, number];
    compared.push({ name, demanded, small, large, factor: large / small });
  }
  return compared;
}

function thousands(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > SMALL && count % 1_000 === 0) return count;
  throw new InvalidArgumentError('A multiple of 1000, at least 2000.');
}

interface Options {
  readonly stores: 'embedded' | 'mongo';
  readonly connections: number;
  readonly keep?: string;
  readonly seedOnly?: true;
}

async function placeOf(seeded: SeededStores, total: number): Promise<Place> {
  return { stores: seeded.stores, total, served: await serve(seeded, total, TOKENS) };
}

async function grow({ stores, connections, keep, seedOnly }: Options, command: Command): Promise<void> {
  const seed = stores === 'embedded' ? seedEmbedded : seedMongo;
  const started = performance.now();
  const [small, large] = [await seed(SMALL, keep), await seed(connections, keep)];
  const seconds = Math.round((performance.now() - started) / 1_000);
  const places: Place[] = [];
  try {
    for (const [seeded, total] of [[small, SMALL] as const, [large, connections] as const])
      if (!seedOnly) places.push(await placeOf(seeded, total));
    const compared = seedOnly ? [] : await compare(places as [Place, Place]);
    const { accounts, organizations } = sizes(connections);
    say(command, {
      text: [
        `${stores}: ${connections} connections, ${accounts} accounts, ${organizations} organizations, there after ${seconds} s`,
        ...compared.map(
          (each) =>
            `${each.name}: ${each.small.toFixed(3)} ms at ${SMALL}, ${each.large.toFixed(3)} ms at ${connections}, factor ${each.factor.toFixed(2)}`,
        ),
      ],
      json: { stores, connections, accounts, organizations, seconds, milliseconds: compared },
    });
    if (compared.some(({ demanded, factor }) => demanded && factor > MOST)) process.exitCode = exitCodes.refused;
  } finally {
    for (const { served } of places) await served.stop();
    await small.remove();
    await large.remove();
  }
}

const program = withExamples(
  createProgram(
    'bench:growth',
    `How much slower a full store is than one with ${SMALL} connections; fails above ${MOST} times.`,
  ),
  'npm run bench:growth -- --stores embedded --connections 1000000',
  'MONGODB_URI=mongodb://127.0.0.1/?replicaSet=rs0 REDIS_URL=redis://127.0.0.1 npm run bench:growth -- --stores mongo',
)
  .addOption(new Option('--stores <kind>').choices(['embedded', 'mongo']).default('embedded'))
  .option('--connections <count>', 'a multiple of 1000', thousands, 1_000_000)
  .option('--keep <place>', 'fill once, keep, and use again: a folder, or how the names of the databases begin')
  .option('--seed-only', 'measure nothing')
  .action(grow);
await run(program);
