/** Whatever people and clients do in whatever order, the servers answer as a plain model of the rules in docs/rules.md does. */
import { describe, expect, test } from '@jest/globals';
import { counts, longest, seedFrom } from '../support/counts.js';
import { startProductionServers } from '../support/productionServers.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith } from '../support/services.js';
import { agree, type Done, total } from './agreement.js';
import { decisionsToSee } from './decisionsToSee.js';
import { modelledServers } from './servers.js';

/** Printed with every failure. */
const seed = seedFrom('MODEL_SEED');
/** Seeds of runs beside each other are so far apart, which is more than a run has sequences. */
const APART = 1_000_000;
const SAID_EACH = 5_000;
/** A thousand steps are some thousand requests, on machines that may have other things to do. */
const patience = Math.max(2 * longest, 300_000);

const say = (text: string): void => {
  if (process.env.LONG === '1') process.stdout.write(`${text}\n`);
};

interface Started {
  readonly servers: readonly TestServer[];
  stop(): Promise<void>;
}

/**
 * Does all the steps, those of a long run in several runs beside each other that share nothing.
 * @param start starts servers for one run
 */
async function agreement(stores: string, start: () => Promise<Started & { now: number }>): Promise<void> {
  const steps = Math.ceil(counts.modelSteps / counts.modelRuns);
  const runs = Array.from({ length: counts.modelRuns }, async (_, n) => {
    const own = seed + n * APART;
    const { servers, now, stop } = await start();
    let said = 0;
    const onward = (done: number): void => {
      if (done - said < SAID_EACH) return;
      said = done;
      say(`${done} of ${steps} steps agree ${stores} (seed ${own})`);
    };
    try {
      const done = await agree(servers, now, { steps, decisionsToSee, restarts: 1, seed: own, onward });
      expect(servers.map((server) => server.output()).join('')).not.toContain('"level":50');
      return done;
    } finally {
      await stop();
    }
  });
  report(stores, await Promise.all(runs));
}

function report(stores: string, done: readonly Done[]): void {
  const count = done.reduce((sum, { steps }) => sum + total(steps), 0);
  say(`All ${count} steps agree ${stores} (seed ${seed}): ${JSON.stringify(done, null, 1)}`);
  expect(count).toBeGreaterThanOrEqual(counts.modelSteps);
  for (const { decisions } of done) expect(decisionsToSee.filter((one) => !(one in decisions))).toEqual([]);
}

const EVERY_ANSWER = 'every answer agrees with the model';

const EMBEDDED = 'on the embedded store';
describe(EMBEDDED, () => {
  const start = async () => {
    const { options, now } = modelledServers();
    const server = await startServer(options);
    return { servers: [server], now, stop: () => server.stop() };
  };
  test(EVERY_ANSWER, () => agreement(EMBEDDED, start), patience);
});

const PRODUCTION = 'on two servers with MongoDB and Redis';
(await describeWith('mongod', 'redis-server'))(PRODUCTION, () => {
  const start = async () => {
    const { options, now } = modelledServers();
    const { a, b, stop } = await startProductionServers(options);
    return { servers: [a, b], now, stop };
  };
  test(EVERY_ANSWER, () => agreement(PRODUCTION, start), patience);
});
