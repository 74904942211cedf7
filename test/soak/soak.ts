/** Mixed flows on one server for some time, each answer compared with the model's. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Reality } from '../model/reality.js';
import { type Modelled, newClient, preRegisteredClient, type Served } from '../model/sequence.js';
import { peopleAndClients, sequencesOf } from '../model/sequences.js';
import { RESOURCES } from '../model/servers.js';
import { Worlds } from '../model/worlds.js';
import { anonymousMemory } from '../support/anonymousMemory.js';
import type { TestServer } from '../support/server.js';
import { type Bursts, refreshOn, startBursts } from './bursts.js';
import { connectionsToAskAbout, introspectOn } from './introspecting.js';
import { Latencies } from './latencies.js';
import { PacedClock } from './pacedClock.js';

const FLOWS = 3;
const RESOURCE_SERVERS = 2;
const ASKED_ABOUT = 50;
/** Each second is so many of the server's, so that an hour passes in five minutes; tokens that live an hour just last. */
const PACE = 11;
const SECOND = 1_000;

export interface Soaked {
  readonly latencies: Latencies;
  /** RssAnon in bytes, each second. */
  readonly memory: readonly number[];
  readonly wrong: readonly string[];
  /** How often each kind of burst got which status. */
  readonly bursts: Bursts['statuses'];
}

/**
 * @param server whose clock stands still
 * @param now where it stands
 * @param seconds how long
 */
export async function soak(server: TestServer, now: number, seconds: number, seed: number): Promise<Soaked> {
  const latencies = new Latencies();
  const clock = new PacedClock();
  const worlds = new Worlds(server);
  const memory: number[] = [];
  const wrong: string[] = [];
  const asked = await connectionsToAskAbout(server, ASKED_ABOUT);
  let time = now;
  let over = false;

  const bursts = await startBursts(server, () => !over);

  const setup = async (): Promise<{ model: Modelled; real: Served }> => {
    const directory = await worlds.next(time);
    const reality = new Reality([server], () => directory.rules.now);
    const model: Modelled = { directory, clients: [], resources: RESOURCES };
    const around = (name: string, step: () => Promise<void>) =>
      clock.during(async () => {
        directory.rules.now = time;
        const startedAt = performance.now();
        await step();
        latencies.note(name, performance.now() - startedAt);
      });
    await around('register', async () => {
      newClient(model);
      await reality.register(0);
    });
    preRegisteredClient(model);
    reality.preRegistered();
    const standing = () => Promise.reject(new Error('the load has a clock and a server that all share'));
    const shared = { advance: standing, restart: standing, configure: standing };
    return { model, real: { reality, issuer: server.issuer, around, ...shared } };
  };
  const sequences = fc.asyncProperty(sequencesOf(peopleAndClients), (steps) => fc.asyncModelRun(setup, steps));

  const flow = async (lane: number): Promise<void> => {
    for (let n = 0; !over; n++) {
      const options = { numRuns: 1, seed: seed + n * FLOWS + lane, endOnFailure: true };
      await fc.assert(sequences, options).catch((error: Error) => {
        over = true;
        wrong.push(`${error.message}\n${String(error.cause)}`);
      });
    }
  };
  const asks = Array.from({ length: RESOURCE_SERVERS }, async () => {
    const took = (ms: number) => latencies.note(`introspection, ${bursts.phase()}`, ms);
    wrong.push(...(await introspectOn(server.port, asked, took, () => !over)));
  });
  const refreshes = refreshOn(
    server,
    (ms) => latencies.note(`refresh, ${bursts.phase()}`, ms),
    () => !over,
  ).then((refused) => wrong.push(...refused));
  const flows = Array.from({ length: FLOWS }, (_, lane) => flow(lane));
  for (let second = 0; second < seconds && !over; second++) {
    await sleep(SECOND);
    memory.push(anonymousMemory(server.process().pid ?? 0));
    await clock.move(async () => {
      await server.advance(PACE * SECOND);
      time += PACE * SECOND;
    });
  }
  over = true;
  await Promise.all([...flows, ...asks, refreshes, bursts.done]);
  return { latencies, memory, wrong, bursts: bursts.statuses };
}
