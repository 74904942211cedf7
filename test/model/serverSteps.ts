/** What happens to the servers: time passes, one of them is restarted, all of them with another configuration. */
import fc from 'fast-check';
import { configureSteps } from './configurationSteps.js';
import { endSteps } from './endSteps.js';
import { DAY, SECOND } from './moments.js';
import { kindOfStep } from './sequence.js';

const advance = kindOfStep<{ ms: number }>('advance', async ({ directory }, served, { ms }) => {
  directory.rules.now += ms;
  await served.advance(ms);
});

const restart = kindOfStep<{ server: number }>('restart', (_model, served, { server }) => served.restart(server));

const moments = (...ms: number[]) => fc.constantFrom(...ms).map((one) => advance({ ms: one }));

/** @param restarts how often servers are restarted, of a thousand steps */
export const serverSteps = (restarts: number) => [
  ...endSteps,
  ...configureSteps,
  { weight: 4, arbitrary: moments(SECOND, 29 * SECOND, 30 * SECOND, 299 * SECOND, 300 * SECOND) },
  { weight: 1, arbitrary: moments(10 * 60 * SECOND, 3_600 * SECOND, DAY, 8 * DAY) },
  // A month is one step in a thousand, as it ends everything.
  { weight: 0.08, arbitrary: moments(28 * DAY, 31 * DAY) },
  { weight: restarts * 0.07, arbitrary: fc.nat({ max: 1 }).map((server) => restart({ server })) },
];
