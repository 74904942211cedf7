/**
 * How much slower a full store is than a small one: introspection's reads, the first page of an account's connections,
 * and the switch of an organization with a tenth of all connections. Run it with
 * `npm run bench:growth -- --stores embedded --connections 1000000`; `--stores mongo` needs MONGODB_URI and REDIS_URL.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connectionsOf } from '#src/connections/connectionsOf.js';
import { usableConnection } from '#src/connections/usableConnection.js';
import { switchMcpAccess } from '#src/organizations/switchMcpAccess.js';
import type { Stores } from '#src/stores/stores.js';
import { createProgram, run, say, withExamples } from '../cli/command.js';
import { exitCodes, UsageError } from '../cli/exitCodes.js';
import { accountId, connection, organizationId, sizes } from './growth/population.js';
import { type SeededStores, seedEmbedded, seedMongo } from './growth/seededStores.js';
import { serve } from './growth/served.js';

const SMALL = 1_000;
const MOST = 1.2;

interface Place {
  readonly stores: Stores;
  readonly total: number;
  /** Over HTTP, where a server runs on the store. */
  readonly introspect?: (round: number) => Promise<void>;
}
type Operation = (place: Place, round: number) => Promise<unknown>;

/** Some number below a limit, another one each round, the same in each run. */
const pick = (round: number, below: number): number => (round * 48_271 + 11) % below;

const operations: Readonly<Record<string, { rounds: number; run: Operation }>> = {
  'introspection over HTTP': { rounds: 4_000, run: async ({ introspect }, round) => introspect?.(round) },
  'of it, the reads (connection, account, organization, member)': {
    rounds: 2_000,
    run: async ({ stores, total }, round) => {
      const use = await usableConnection(stores, connection(pick(round, total), total));
      if (!use.usable) throw new Error(`Not usable: ${use.reason}`);
    },
  },
  'connections of an account, first page': {
    rounds: 600,
    run: async ({ stores, total }, round) => {
      const { listed } = await connectionsOf(stores, accountId(pick(round, sizes(total).accounts)));
      if (listed.length !== 10) throw new Error(`${listed.length} connections.`);
    },
  },
  'switch of the organization with a tenth of all': {
    rounds: 200,
    run: ({ stores }, round) => switchMcpAccess(stores, { kind: 'operator' }, organizationId(0), round % 2 === 1),
  },
};

async function timed(place: Place, run: Operation, round: number): Promise<number> {
  place.stores.beginRequest();
  const started = performance.now();
  await run(place, round);
  return performance.now() - started;
}

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Medians in milliseconds. */
interface Comparison {
  readonly name: string;
  readonly small: number;
  readonly large: number;
  readonly factor: number;
}

/** Small and large take turns, so that whatever else the machine does meets both. */
async function compare(small: Place, large: Place): Promise<Comparison[]> {
  const compared: Comparison[] = [];
  for (const [name, { rounds, run }] of Object.entries(operations)) {
    if (name.endsWith('HTTP') && !small.introspect) continue;
    const times: [number[], number[]] = [[], []];
    for (let round = -rounds / 10; round < rounds; round += 1)
      for (const [n, place] of [small, large].entries()) {
        const time = await timed(place, run, round + rounds);
        if (round >= 0) times[n]?.push(time);
      }
    const [one, other] = times.map(median) as [number, number];
    const factor = other / one;
    compared.push({ name, small: one, large: other, factor });
  }
  return compared;
}

const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new UsageError(`${name} is not set; --stores mongo needs it.`);
  return value;
};

const serverOn = async ({ stores, dataDir }: SeededStores, total: number, port: number) =>
  dataDir === undefined ? undefined : serve(stores, total, dataDir, port);

function thousands(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > SMALL && count % 1_000 === 0) return count;
  throw new InvalidArgumentError('A multiple of 1000, at least 2000.');
}

async function grow(
  { stores, connections }: { stores: 'embedded' | 'mongo'; connections: number },
  command: Command,
): Promise<void> {
  const seed = (total: number): Promise<SeededStores> =>
    stores === 'embedded' ? seedEmbedded(total) : seedMongo(total, required('MONGODB_URI'), required('REDIS_URL'));
  const small = await seed(SMALL);
  const started = performance.now();
  const large = await seed(connections);
  const seconds = Math.round((performance.now() - started) / 1_000);
  const { accounts, organizations } = sizes(connections);
  const served = await Promise.all([serverOn(small, SMALL, 3_901), serverOn(large, connections, 3_902)]);
  try {
    const [one, other] = served.map((server) => (server ? { introspect: server.introspect } : {}));
    const compared = await compare({ ...small, total: SMALL, ...one }, { ...large, total: connections, ...other });
    say(command, {
      text: [
        `${stores}: ${connections} connections, ${accounts} accounts, ${organizations} organizations in ${seconds} s`,
        ...compared.map(
          (each) =>
            `${each.name}: ${each.small.toFixed(3)} ms at ${SMALL}, ${each.large.toFixed(3)} ms at ${connections}, factor ${each.factor.toFixed(2)}`,
        ),
      ],
      json: { stores, connections, accounts, organizations, seconds, milliseconds: compared },
    });
    if (compared.some(({ factor }) => factor > MOST)) process.exitCode = exitCodes.refused;
  } finally {
    for (const server of served) await server?.stop();
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
  .action(grow);
await run(program);
