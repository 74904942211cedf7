/** Mixed flows at the rate that one core sustains: not one wrong answer, and memory that stays where it was. */
import { expect, test } from '@jest/globals';
import { modelledServers } from '../model/servers.js';
import { counts, longest, seedFrom } from '../support/counts.js';
import { startServer } from '../support/server.js';
import { soak } from './soak.js';

const seconds = Number(process.env.SOAK_SECONDS ?? counts.soakSeconds);
const seed = seedFrom('SOAK_SEED');
const MOST_GROWTH = 30 * 1_048_576;
/** Until then the heap finds its size. */
const WARM_AFTER_S = 60;

test(
  `${seconds} seconds of everything at once`,
  async () => {
    const { options, now } = modelledServers();
    const server = await startServer({ ...options, under: ['taskset', '-c', '0'] });
    try {
      const { latencies, memory, wrong } = await soak(server, now, seconds, seed);
      if (process.env.LONG === '1' || process.env.SOAK_SECONDS) {
        const every = memory.filter((_, second) => second % 30 === 29).map((bytes) => `${bytes >> 20}`);
        process.stdout.write(`${latencies.lines().join('\n')}\nRssAnon in MB, each half minute: ${every.join(' ')}\n`);
      }
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      expect(server.output()).not.toContain('"level":50');
      for (const kind of ['introspection', 'consent', 'exchange', 'refresh', 'moveSwitch', 'removeOwn'])
        expect(latencies.count(kind)).toBeGreaterThan(0);
      if (seconds >= 5 * WARM_AFTER_S) {
        const most = (from: number, to: number) => Math.max(...memory.slice(from, to));
        const growth = most(seconds - WARM_AFTER_S, seconds) - most(WARM_AFTER_S, 2 * WARM_AFTER_S);
        expect(growth).toBeLessThan(MOST_GROWTH);
      }
    } finally {
      await server.stop();
    }
  },
  longest,
);
