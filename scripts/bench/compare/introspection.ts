/** Introspection: this server against Node.js itself and two libraries, on the embedded store and in memory. */
import { join } from 'node:path';
import { issueTokens } from '../growth/accessTokens.js';
import { sizes } from '../growth/population.js';
import { seedEmbedded } from '../growth/seededStores.js';
import { startChanges } from './changes.js';
import { API } from './configuration.js';
import { type Contestant, startContestant } from './contestant.js';
import { startOurs } from './ours.js';
import { measure, type Options, type Turn } from './rounds.js';
import { samplesOf } from './samples.js';
import { table } from './table.js';

const TOKENS = 1_000;
const SMALL = 1_000;
const CONNECTIONS = 20;
/** With one request at a time for each connection the load needs as much time as bare Node.js and would be the limit. */
const PIPELINING = 4;
const CHANGE_EVERY_MS = 10;

/** This server on a store with so many connections. */
async function ours(connections: number) {
  const { stores, dataDir, remove } = await seedEmbedded(connections);
  if (dataDir === undefined) throw new Error('The embedded store has a folder.');
  const tokens = await issueTokens(stores, connections, TOKENS);
  const server = await startOurs(dataDir, { DATA_DIR: dataDir });
  const samples = await samplesOf(server.port, tokens, API);
  const contestant: Contestant = {
    ...server,
    name: `ours, ${connections.toLocaleString('en')} connections`,
    asked: samples.map(({ asked }) => asked),
    async stop() {
      await server.stop();
      await remove();
    },
  };
  return { contestant, samples, dataDir };
}

/**
 * Runs the comparison.
 * @param seconds how long each measurement takes
 * @param large further sizes of the store to compare with that of 1,000 connections
 * @returns the table
 */
export async function compareIntrospection(
  options: Options,
  seconds: number,
  large: readonly number[],
): Promise<string> {
  const first = await ours(SMALL);
  const { contestant, samples, dataDir } = first;
  const others = await Promise.all([
    startContestant('bare node:http', 'bare', samples),
    startContestant('stock oidc-provider', 'stock', { samples, refreshTokens: 0 }),
    startContestant('@node-oauth/oauth2-server', 'oauth2Server', samples),
  ]);
  const larger: Contestant[] = [];
  for (const size of large) larger.push((await ours(size)).contestant);
  const changes = startChanges(join(dataDir, 'store'), sizes(SMALL).organizations, CHANGE_EVERY_MS);
  const turn = (one: Contestant): Turn => ({
    contestant: one,
    job: () => ({ asked: one.asked, connections: CONNECTIONS, pipelining: PIPELINING, seconds }),
  });
  const changing = { ...contestant, name: `ours, a change every ${CHANGE_EVERY_MS} ms` };
  try {
    const turns = [
      ...[contestant, ...larger, ...others].map(turn),
      { ...turn(changing), meanwhile: changes.meanwhile },
    ];
    const result = await measure(turns, options);
    const against = ['bare node:http', 'stock oidc-provider'];
    return table({ heading: 'introspection', ...result, against, rounds: options.rounds });
  } finally {
    await changes.end();
    for (const one of [...larger, ...others, contestant]) await one.stop();
  }
}
