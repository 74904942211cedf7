/** Rounds: in each, every contestant is measured in turn, again when something disturbed it; a round counts when nothing did. */
import type { Contestant } from './contestant.js';
import { calm, watch } from './disturbance.js';
import { type Job, load } from './load.js';
import { anonymousMemory } from './processorTime.js';

/** How often one measurement is tried in a round. */
const TRIES = 3;
/** So many more rounds are tried than shall count. */
const MORE_ROUNDS = 2;

/** How many turns a contestant has at most, the first to warm up among them. */
export const turnsAtMost = (rounds: number): number => 1 + (rounds + MORE_ROUNDS) * TRIES;

export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for one request, in microseconds. */
  readonly processorTime: number;
  /** How much of its core the server used: the load was the limit where this is well below 1. */
  readonly busy: number;
  /** RssAnon at the end, in megabytes. */
  readonly memory: number;
}

/** How a contestant is measured: each turn is another one, so what can be used once is not asked again. */
export interface Turn {
  readonly contestant: Contestant;
  job(turn: number): Omit<Job, 'port'>;
  readonly meanwhile?: Meanwhile;
}

/** Something that another process does while a contestant is measured. */
export interface Meanwhile {
  readonly pid: number;
  start(): void;
  stop(): Promise<void>;
}

export interface Options {
  /** How many undisturbed rounds are wanted. */
  readonly rounds: number;
  /** Processes that take part beside the servers: the databases. */
  readonly beside: readonly number[];
}

export interface Result {
  /** Whether there were as many undisturbed rounds as wanted; if not, what was measured is of the disturbed ones. */
  readonly complete: boolean;
  /** By contestant. */
  readonly measured: ReadonlyMap<string, readonly Measured[]>;
}

/** Measures round after round. */
export async function measure(turns: readonly Turn[], { rounds, beside }: Options): Promise<Result> {
  const measured = new Map<string, Measured[]>(turns.map(({ contestant }) => [contestant.name, []]));
  const disturbed = new Map<string, Measured[]>(turns.map(({ contestant }) => [contestant.name, []]));
  // The first requests are the compiler's.
  for (const turn of turns) await oneTurn(turn, turn.job(0), beside);
  let counted = 0;
  for (let round = 0; counted < rounds && round < rounds + MORE_ROUNDS; round += 1) {
    const results: (Measured & { readonly disturbed: boolean })[] = [];
    for (const turn of turns) results.push(await undisturbedTurn(turn, round, beside));
    const counts = results.every((result) => !result.disturbed);
    if (counts) counted += 1;
    else process.stderr.write(`  Round ${round + 1} was disturbed and does not count.\n`);
    for (const [n, { contestant }] of turns.entries()) {
      const result = results[n];
      if (result) (counts ? measured : disturbed).get(contestant.name)?.push(result);
    }
  }
  return counted < rounds ? { complete: false, measured: disturbed } : { complete: true, measured };
}

async function undisturbedTurn(turn: Turn, round: number, beside: readonly number[]) {
  for (let tried = 1; ; tried += 1) {
    await calm([turn.contestant.pid, ...beside]);
    const result = await oneTurn(turn, turn.job(round * TRIES + tried), beside);
    if (!result.disturbed || tried === TRIES) return result;
    const percent = (100 * result.foreign).toFixed(0);
    process.stderr.write(`  ${turn.contestant.name}: others used ${percent} % of a core; measured again.\n`);
  }
}

async function oneTurn({ contestant, meanwhile }: Turn, job: Omit<Job, 'port'>, beside: readonly number[]) {
  meanwhile?.start();
  const end = watch([contestant.pid, ...beside, ...(meanwhile ? [meanwhile.pid] : [])]);
  const { requests, seconds, p50, p99, processorTime } = await load({ ...job, port: contestant.port });
  const { used, ...disturbance } = end(processorTime);
  await meanwhile?.stop();
  const time = used.get(contestant.pid) ?? 0;
  return {
    ...disturbance,
    perSecond: requests / seconds,
    p50,
    p99,
    processorTime: (1_000 * time) / requests,
    busy: time / (1_000 * seconds),
    memory: anonymousMemory(contestant.pid),
  };
}
