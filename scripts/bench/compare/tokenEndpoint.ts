/** The token endpoint with the embedded store's durability, beside oidc-provider refreshing in memory. */
import type { Answer } from '../../cli/command.js';
import { issueTokens } from '../growth/accessTokens.js';
import { seedEmbedded } from '../growth/seededStores.js';
import { type Asked, type Contestant, startProgram, staying } from './contestant.js';
import { startOurs } from './ours.js';
import { measure, type Options, turnsAtMost } from './rounds.js';
import { table } from './table.js';
import { addClients, codeExchanges, refreshes, tokenExchanges } from './tokenRequests.js';
import type { Turn } from './turn.js';

const TOTAL = 10_000;
/** So many clients at once; what they write meanwhile shares a flush. */
const CONNECTIONS = 128;
/** Exchanged in one measurement. */
const CODES = 32 * CONNECTIONS;

/**
 * Runs the comparison.
 * @param seconds how long each measurement takes; that of codes takes as long as its codes last
 * @returns the table, and the numbers of each round
 */
export async function compareTokenEndpoint(options: Options, seconds: number): Promise<Answer> {
  const turns = turnsAtMost(options.rounds);
  const { stores, dataDir, remove } = await seedEmbedded(TOTAL);
  if (dataDir === undefined) throw new Error('The embedded store has a folder.');
  await addClients(stores, TOTAL);
  const asked = {
    refresh: await refreshes(stores, TOTAL, turns * CONNECTIONS),
    exchange: tokenExchanges(await issueTokens(stores, TOTAL, 1_000)),
    code: await codeExchanges(stores, TOTAL, turns * CODES),
  };
  const stock = await startProgram('stock', {
    samples: [],
    refreshTokens: turnsAtMost(options.rounds, 2) * CONNECTIONS,
  });
  const server = await startOurs(dataDir, { DATA_DIR: dataDir });
  const ours = (name: string, own: readonly Asked[]) => staying(`ours, ${name}`, { ...server, asked: own });
  const reference = staying('stock oidc-provider, refresh', stock);
  const common = { connections: CONNECTIONS, pipelining: 1 };
  const refreshing = (contestant: Contestant): Turn => ({
    contestant,
    job: (turn, all) => ({ ...common, asked: share(all, turn, CONNECTIONS), refreshing: true, seconds }),
  });
  try {
    const result = await measure(
      [
        refreshing(ours('refresh', asked.refresh)),
        { contestant: ours('token exchange', asked.exchange), job: (_, all) => ({ ...common, asked: all, seconds }) },
        {
          contestant: ours('code exchange', asked.code),
          job: (turn, all) => ({ ...common, asked: share(all, turn, CODES) }),
        },
      ],
      refreshing(reference),
      options,
    );
    return table({ heading: 'token endpoint', ...result, against: [reference.name], rounds: options.rounds });
  } finally {
    await stock.stop();
    await server.stop();
    await remove();
  }
}

/** What can be used once is another one each turn. */
const share = (asked: readonly Asked[], turn: number, count: number): readonly Asked[] =>
  asked.slice(turn * count, (turn + 1) * count);
