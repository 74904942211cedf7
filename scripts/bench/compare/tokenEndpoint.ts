/** The token endpoint with the embedded store's durability, beside oidc-provider refreshing in memory. */
import type { Answer } from '../../cli/command.js';
import { issueTokens } from '../growth/accessTokens.js';
import { seedEmbedded } from '../growth/seededStores.js';
import { type Asked, type Contestant, startProgram } from './contestant.js';
import { startOurs } from './ours.js';
import { measure, type Options, REFERENCE_TURNS, turnsAtMost } from './rounds.js';
import { table } from './table.js';
import { addClients, addSigningClient, codeExchanges, refreshes, tokenExchanges } from './tokenRequests.js';
import type { Turn } from './turn.js';

const TOTAL = 10_000;
/** So many clients at once; what they write meanwhile shares a flush. */
const CONNECTIONS = 128;
/** Exchanged in one measurement. */
const CODES = 96 * CONNECTIONS;

/**
 * Runs the comparison.
 * @param seconds how long each measurement takes; that of codes takes as long as its codes last
 * @returns the table, and the numbers of each round
 */
export async function compareTokenEndpoint(options: Options, seconds: number): Promise<Answer> {
  const turns = turnsAtMost(options.rounds);
  const { stores, dataDir, remove } = await seedEmbedded(TOTAL);
  try {
    if (dataDir === undefined) throw new Error('The embedded store has a folder.');
    await addClients(stores, TOTAL);
    const ours = (name: string, asked: readonly Asked[]): Contestant => ({
      name: `ours, ${name}`,
      start: async () => ({ ...(await startOurs(dataDir, { DATA_DIR: dataDir })), asked }),
    });
    const refresh = ours('refresh', await refreshes(stores, TOTAL, turns * CONNECTIONS));
    const signing = await addSigningClient(stores);
    const signedRefreshes = await refreshes(stores, TOTAL, turns * CONNECTIONS, signing.clientId);
    const signed = ours('refresh, private_key_jwt (ES256)', signedRefreshes);
    const exchange = ours('token exchange', tokenExchanges(await issueTokens(stores, TOTAL, 1_000)));
    const code = ours('code exchange', await codeExchanges(stores, TOTAL, turns * CODES));
    const common = { connections: CONNECTIONS, pipelining: 1 };
    const refreshing = { ...common, refreshing: true, seconds };
    // It keeps its tokens in memory, so those of a round are its own.
    const refreshTokens = REFERENCE_TURNS * CONNECTIONS;
    const stock: Turn = {
      contestant: {
        name: 'stock oidc-provider, refresh',
        start: () => startProgram('stock', { samples: [], refreshTokens }),
      },
      job: (turn, all) => ({ ...refreshing, asked: share(all, turn % REFERENCE_TURNS, CONNECTIONS) }),
    };
    const result = await measure(
      [
        { contestant: refresh, job: (turn, all) => ({ ...refreshing, asked: share(all, turn, CONNECTIONS) }) },
        {
          contestant: signed,
          job: (turn, all) => ({ ...refreshing, signing, asked: share(all, turn, CONNECTIONS) }),
        },
        { contestant: exchange, job: (_, asked) => ({ ...common, asked, seconds }) },
        { contestant: code, job: (turn, all) => ({ ...common, asked: share(all, turn, CODES) }) },
      ],
      stock,
      options,
    );
    const against = [stock.contestant.name];
    return table({ heading: 'token endpoint', ...result, against, rounds: options.rounds });
  } finally {
    await remove();
  }
}

/** What can be used once is another one each turn. */
const share = (asked: readonly Asked[], turn: number, count: number): readonly Asked[] =>
  asked.slice(turn * count, (turn + 1) * count);
