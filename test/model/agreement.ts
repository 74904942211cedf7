/** Runs random sequences of steps against servers and the model until enough steps were done; every answer must agree. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { ServerOptions, TestServer } from '../support/server.js';
import { connectionSteps } from './connectionSteps.js';
import { grantSteps } from './grantSteps.js';
import { memberSteps } from './memberSteps.js';
import { Reality } from './reality.js';
import { type Modelled, newClient, type Served, type Step } from './sequence.js';
import { serverSteps } from './serverSteps.js';
import type { ModelResource } from './things.js';
import { tokenSteps } from './tokenSteps.js';
import { Worlds } from './worlds.js';

const DAY = 86_400_000;
const MOST_STEPS = 250;
const often = { events: 1_000_000, seconds: 1 };
const { resources, resourceServers } = JSON.parse(readFileSync('config/default.json', 'utf8'));
const SIGNED = 'http://localhost:3002/mcp';

/** The scopes of the default config, so that both resources are alike but for their tokens. */
const RESOURCES: readonly ModelResource[] = [
  { indicator: resources[0].indicator, defaultScope: 'mcp:read mcp:write', ttl: 3_600 },
  { indicator: SIGNED, defaultScope: 'mcp:read mcp:write', ttl: 600 },
];

/**
 * The clock stands still but for the steps that move it, so the model knows every moment. It is ahead of the stores' own
 * clocks, by which MongoDB and Redis clean up.
 */
export const modelledServers = (): { options: ServerOptions; now: number } => {
  const now = Math.floor(Date.now() / 1_000) * 1_000 + 2 * DAY;
  const config = {
    resources: [...resources, { ...resources[0], indicator: SIGNED, name: 'Signed', accessTokenFormat: 'jwt' }],
    defaultResource: resources[0].indicator,
    resourceServers: [{ ...resourceServers[0], resources: RESOURCES.map(({ indicator }) => indicator) }],
    limits: {
      signInSession: 10 * 365 * 86_400,
      rates: {
        tokenPerClientAndAddress: often,
        registrationPerAddress: often,
        registrationInAll: often,
        signInPerAddress: often,
      },
    },
  };
  return { now, options: { config, env: { TEST_CLOCK_STANDS_AT: String(now), LOG_LEVEL: 'error' } } };
};

/** How often each kind of step was done. */
export type Done = Record<string, number>;

export interface Wanted {
  readonly steps: number;
  /** Of a thousand steps. */
  readonly restarts: number;
  readonly seed: number;
}

/**
 * Runs sequences until so many steps were done.
 * @param servers of one issuer, on the same stores
 * @param now where their clock stands
 * @throws with the shortest sequence found in which an answer disagrees
 */
export async function agree(servers: readonly TestServer[], now: number, wanted: Wanted): Promise<Done> {
  const done: Done = {};
  const [first] = servers as [TestServer];
  const worlds = new Worlds(first);
  let clock = now;
  const setup = async (): Promise<{ model: Modelled; real: Served }> => {
    const reality = new Reality(servers);
    const model: Modelled = { directory: await worlds.next(clock), clients: [], resources: RESOURCES };
    for (const n of [0, 1]) {
      newClient(model);
      await reality.register(n);
    }
    const real: Served = {
      reality,
      issuer: first.issuer,
      stepped: (name) => {
        done[name] = (done[name] ?? 0) + 1;
      },
      advance: async (ms) => {
        clock += ms;
        await Promise.all(servers.map((server) => server.advance(ms)));
      },
      restart: (n) => reality.server(n).restart(),
    };
    return { model, real };
  };
  const sequences = fc.commands(stepsOf(wanted.restarts), { maxCommands: MOST_STEPS, size: 'max' });
  const agreement = fc.asyncProperty(sequences, (steps) => fc.asyncModelRun(setup, steps));
  for (let n = 0; total(done) < wanted.steps; n++) await fc.assert(agreement, { numRuns: 1, seed: wanted.seed + n });
  return done;
}

const total = (done: Done): number => Object.values(done).reduce((sum, count) => sum + count, 0);

/** The library takes whole numbers for weights. */
const stepsOf = (restarts: number): fc.Arbitrary<Step>[] => [
  fc.oneof(
    ...[...grantSteps, ...tokenSteps, ...connectionSteps, ...memberSteps, ...serverSteps(restarts)].map(
      ({ weight, arbitrary }) => ({
        weight: Math.round(weight * 100),
        arbitrary: arbitrary as fc.Arbitrary<Step>,
      }),
    ),
  ),
];
