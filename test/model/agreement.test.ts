/** Whatever people and clients do in whatever order, the servers answer as a plain model of the rules in docs/rules.md does. */
import { describe, expect, test } from '@jest/globals';
import { counts, longest, seedFrom } from '../support/counts.js';
import { startProductionServers } from '../support/productionServers.js';
import { startServer } from '../support/server.js';
import { describeWith } from '../support/services.js';
import { agree, type Done } from './agreement.js';
import { modelledServers } from './servers.js';

/** Printed with every failure. */
const seed = seedFrom('MODEL_SEED');
/** A thousand steps are some thousand requests, on machines that may have other things to do. */
const patience = Math.max(longest, 300_000);
const wanted = { steps: counts.modelSteps, restarts: 1, seed };

const report = (done: Done): void => {
  const total = Object.values(done).reduce((sum, count) => sum + count, 0);
  if (process.env.LONG === '1') process.stdout.write(`${total} steps agree (seed ${seed}): ${JSON.stringify(done)}\n`);
  expect(total).toBeGreaterThanOrEqual(counts.modelSteps);
  // A kind of step that never happens compares nothing.
  expect(Object.keys(done)).toEqual(
    expect.arrayContaining(['consent', 'exchange', 'refresh', 'moveSwitch', 'removeMember']),
  );
};

describe('on the embedded store', () => {
  test(
    'every answer agrees with the model',
    async () => {
      const { options, now } = modelledServers();
      const server = await startServer(options);
      try {
        report(await agree([server], now, wanted));
        expect(server.output()).not.toContain('"level":50');
      } finally {
        await server.stop();
      }
    },
    patience,
  );
});

const describeProduction = await describeWith('mongod', 'redis-server');
describeProduction('on two servers with MongoDB and Redis', () => {
  test(
    'every answer agrees with the model',
    async () => {
      const { options, now } = modelledServers();
      const servers = await startProductionServers(options);
      try {
        report(await agree([servers.a, servers.b], now, wanted));
        expect(servers.a.output() + servers.b.output()).not.toContain('"level":50');
      } finally {
        await servers.stop();
      }
    },
    patience,
  );
});
