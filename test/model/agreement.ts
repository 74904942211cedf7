/**
 * Runs random sequences of steps against servers and the model until enough steps were done and enough was decided; every
 * answer must agree.
 */
import fc from 'fast-check';
import type { TestServer } from '../support/server.js';
import { Decisions } from './decisions.js';
import { Reality } from './reality.js';
import { type Modelled, newClient, preRegisteredClient, type Served } from './sequence.js';
import { peopleAndClients, sequencesOf } from './sequences.js';
import { serverSteps } from './serverSteps.js';
import { CONFIGURATION, configFile, RESOURCES } from './servers.js';
import type { ModelConfiguration } from './things.js';
import { Worlds } from './worlds.js';

export interface Done {
  /** How often each kind of step was done. */
  readonly steps: Record<string, number>;
  /** What the model decided, each with how often. */
  readonly decisions: Record<string, number>;
}

/** Chance decides what a run meets; up to so many times its steps are done to meet everything that it is to see. */
const AT_MOST = 4;

export interface Wanted {
  readonly steps: number;
  /** What the model must have decided in the end. */
  readonly decisionsToSee: readonly string[];
  /** Of a thousand steps. */
  readonly restarts: number;
  readonly seed: number;
  /** Is told, after each sequence, how many steps agreed so far. */
  readonly onward?: (steps: number) => void;
}

/**
 * Runs sequences until so many steps were done and everything was decided that is to be seen.
 * @param servers of one issuer, on the same stores
 * @param now where their clock stands
 * @throws with the shortest sequence found in which an answer disagrees
 */
export async function agree(servers: readonly TestServer[], now: number, wanted: Wanted): Promise<Done> {
  const steps: Done['steps'] = {};
  const decisions = new Decisions();
  const [first] = servers as [TestServer];
  const worlds = new Worlds(first);
  let clock = now;
  let configuration = CONFIGURATION;
  const configure = async (next: ModelConfiguration): Promise<void> => {
    if (next === configuration) return;
    configuration = next;
    await Promise.all(servers.map((server) => server.restart(configFile(next))));
  };
  const setup = async (): Promise<{ model: Modelled; real: Served }> => {
    // A sequence before may have left another one.
    await configure(CONFIGURATION);
    const directory = await worlds.next(clock, decisions);
    const reality = new Reality(servers, () => directory.rules.now);
    const model: Modelled = { directory, clients: [], resources: RESOURCES };
    for (const n of [0, 1]) {
      newClient(model);
      await reality.register(n);
    }
    preRegisteredClient(model);
    reality.preRegistered();
    const real: Served = {
      reality,
      issuer: first.issuer,
      around: async (name, step) => {
        steps[name] = (steps[name] ?? 0) + 1;
        await step();
      },
      advance: async (ms) => {
        clock += ms;
        await Promise.all(servers.map((server) => server.advance(ms)));
      },
      restart: (n) => reality.server(n).restart(),
      configure,
    };
    return { model, real };
  };
  const sequences = sequencesOf([...peopleAndClients, ...serverSteps(wanted.restarts)]);
  const agreement = fc.asyncProperty(sequences, (sequence) => fc.asyncModelRun(setup, sequence));
  const isEnough = (): boolean =>
    total(steps) >= AT_MOST * wanted.steps ||
    (total(steps) >= wanted.steps && wanted.decisionsToSee.every((one) => decisions.made.has(one)));
  for (let n = 0; !isEnough(); n++) {
    await fc.assert(agreement, { numRuns: 1, seed: wanted.seed + n });
    wanted.onward?.(total(steps));
  }
  return { steps, decisions: Object.fromEntries(decisions.made) };
}

export const total = (steps: Done['steps']): number => Object.values(steps).reduce((sum, count) => sum + count, 0);
