/** One measurement of one contestant, made again when something disturbed it. */
import type { Asked, Contestant, Started } from './contestant.js';
import { calm, watch } from './disturbance.js';
import { type Job, load } from './load.js';
import { anonymousMemory } from './processorTime.js';

/** How often one measurement is tried in a round. */
export const TRIES = 3;

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
  /** @param asked what its process is asked */
  job(turn: number, asked: readonly Asked[]): Omit<Job, 'port'>;
  readonly meanwhile?: Meanwhile;
}

/** A turn of a contestant that runs. */
export interface RunningTurn extends Turn {
  readonly server: Started;
}

/** Something that another process does while a contestant is measured. */
export interface Meanwhile {
  readonly pid: number;
  start(): void;
  stop(): Promise<void>;
}

export type Tried = Measured & { readonly disturbed: boolean; readonly foreign: number };

export const percent = (share: number): string => (100 * share).toFixed(0);

/** The tables go to stdout alone. */
export const say = (line: string): void => void process.stderr.write(`  ${line}.\n`);

/** Measures a turn when the machine is calm, again when something disturbed it, the last time in any case. */
export async function undisturbedTurn(
  turn: RunningTurn,
  tryOnce: (turn: RunningTurn) => Promise<Tried>,
  beside: readonly number[],
): Promise<Tried> {
  for (let tried = 1; ; tried += 1) {
    await calm([turn.server.pid, ...beside]);
    const result = await tryOnce(turn);
    if (!result.disturbed || tried === TRIES) return result;
    say(`${turn.contestant.name}: others used ${percent(result.foreign)} % of a core; measured again`);
  }
}

/** Measures a turn, each of a contestant with the next of its jobs. */
export function turnByTurn(beside: readonly number[]): (turn: RunningTurn) => Promise<Tried> {
  const next = new Map<string, number>();
  return (turn) => {
    const { name } = turn.contestant;
    const nth = next.get(name) ?? 0;
    next.set(name, nth + 1);
    return oneTurn(turn, turn.job(nth, turn.server.asked), beside);
  };
}

async function oneTurn(
  { server, meanwhile }: RunningTurn,
  job: Omit<Job, 'port'>,
  beside: readonly number[],
): Promise<Tried> {
  meanwhile?.start();
  const end = watch([server.pid, ...beside, ...(meanwhile ? [meanwhile.pid] : [])]);
  const { requests, seconds, p50, p99, processorTime } = await load({ ...job, port: server.port });
  const { used, ...disturbance } = end(processorTime);
  await meanwhile?.stop();
  const time = used.get(server.pid) ?? 0;
  return {
    ...disturbance,
    perSecond: requests / seconds,
    p50,
    p99,
    processorTime: (1_000 * time) / requests,
    busy: time / (1_000 * seconds),
    memory: anonymousMemory(server.pid),
  };
}
