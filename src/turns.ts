/** Long work in steps: after a few milliseconds everything else that this process has to do gets its turn. */
import { setImmediate as atTheEndOfTheTurn } from 'node:timers';

/** How long the work of one turn of the event loop may last before the rest of it waits for the next turn. */
const TURN_MS = 5;

/** When the work of this turn began; undefined before any was asked about. */
let began: number | undefined;
/** Who waits for a later turn, in the order of coming. */
const waiting: (() => void)[] = [];

const endTurn = (): void => {
  began = undefined;
};

/** Whether this turn has lasted as long as it may, for all requests together. */
export function turnIsOver(): boolean {
  const now = performance.now();
  if (began !== undefined) return now - began > TURN_MS;
  began = now;
  atTheEndOfTheTurn(endTurn);
  return false;
}

/** Resolves in a turn that has time left; who came first goes on first, and as many in one turn as fit into it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    atTheEndOfTheTurn(release);
  });
}

function release(): void {
  if (turnIsOver()) atTheEndOfTheTurn(release);
  else waiting.shift()?.();
}

/** Waits for a later turn if this one has lasted as long as it may. To be called between the steps of long work. */
export async function giveWay(): Promise<void> {
  if (turnIsOver()) await nextTurn();
}

/** Side by side at once, for the sake of stores that answer over the network. */
const STEP = 100;

/**
 * Does the same for each of many, some at once, and gives way in between.
 * @returns what the work returned, in the order of the items
 */
export async function inSteps<T, R>(items: readonly T[], work: (item: T) => R | Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += STEP) {
    await giveWay();
    done.push(...(await Promise.all(items.slice(from, from + STEP).map(work))));
  }
  return done;
}
