/**
 * Rounds: in each, every contestant is started anew, since of two processes that do the same work one can be a tenth
 * faster by chance, and measured in turn, again when something disturbed it. The reference, with whom the others are
 * compared, is measured at the beginning and at the end. A round counts when nothing disturbed it and the machine was as
 * fast at its end as at its beginning.
 */
import {
  type Measured,
  percent,
  type RunningTurn,
  say,
  TRIES,
  type Tried,
  type Turn,
  turnByTurn,
  undisturbedTurn,
} from './turn.js';

/** So many more rounds are tried than shall count. */
const MORE_ROUNDS = 5;
/** How much slower the reference may be at one end of a round than at the other. */
const MOST_DRIFT = 0.1;

/** How many turns the reference has in a round at most, the first to warm up among them. */
export const REFERENCE_TURNS = 1 + 2 * TRIES;

/** How many turns another contestant has in all rounds together at most. */
export const turnsAtMost = (rounds: number): number => (rounds + MORE_ROUNDS) * (1 + TRIES);

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

/**
 * Measures round after round.
 * @param reference with whom the others are compared, measured like them
 */
export async function measure(others: readonly Turn[], reference: Turn, { rounds, beside }: Options): Promise<Result> {
  const all = [reference, ...others];
  const [measured, disturbed] = [resultsOf(all), resultsOf(all)];
  const tryOnce = turnByTurn(beside);
  for (let tried = 0; roundsIn(measured) < rounds && tried < rounds + MORE_ROUNDS; tried += 1) {
    const results = await oneRound(all, tryOnce, beside);
    const [first, last] = [results[0], results.pop()];
    if (!first || !last) throw new Error('Nothing was measured.');
    const moved = drift(first, last);
    if (moved > MOST_DRIFT)
      say(`${reference.contestant.name} took ${percent(moved)} % more at one end of the round than at the other`);
    const counts = moved <= MOST_DRIFT && [...results, last].every((result) => !result.disturbed);
    if (!counts) say(`Round ${tried + 1} was disturbed and does not count`);
    const ofRound = [middleOf(first, last), ...results.slice(1)];
    for (const [n, { contestant }] of all.entries()) {
      const result = ofRound[n];
      if (result) (counts ? measured : disturbed).get(contestant.name)?.push(result);
    }
  }
  const complete = roundsIn(measured) >= rounds;
  return { complete, measured: complete ? measured : disturbed };
}

/** Starts all, measures each, the first once more at the end, and ends all. */
async function oneRound(
  turns: readonly Turn[],
  tryOnce: (turn: RunningTurn) => Promise<Tried>,
  beside: readonly number[],
): Promise<Tried[]> {
  const running: RunningTurn[] = [];
  try {
    for (const turn of turns) running.push({ ...turn, server: await turn.contestant.start() });
    // The first requests are the compiler's.
    for (const turn of running) await tryOnce(turn);
    const results: Tried[] = [];
    for (const turn of [...running, ...running.slice(0, 1)]) results.push(await undisturbedTurn(turn, tryOnce, beside));
    return results;
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

const resultsOf = (turns: readonly Turn[]) =>
  new Map<string, Measured[]>(turns.map(({ contestant }) => [contestant.name, []]));

const roundsIn = (results: ReadonlyMap<string, readonly Measured[]>): number =>
  Math.min(...[...results.values()].map(({ length }) => length));

/**
 * How much slower the machine was at one of two times than at the other: whatever slows a whole machine down, its host
 * for example, is seen in nothing but the speed itself.
 */
export function drift(one: Pick<Measured, 'processorTime'>, other: Pick<Measured, 'processorTime'>): number {
  const times = [one.processorTime, other.processorTime];
  return Math.max(...times) / Math.min(...times) - 1;
}

const middleOf = (one: Measured, other: Measured): Measured => {
  const middle = (of: keyof Measured): number => (one[of] + other[of]) / 2;
  return {
    perSecond: middle('perSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    processorTime: middle('processorTime'),
    busy: middle('busy'),
    memory: middle('memory'),
  };
};
