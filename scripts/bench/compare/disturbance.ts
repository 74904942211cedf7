/** Whether something else than what is measured used the processors meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { machineTime, treeTimes } from './processorTime.js';

/** Of one core; the measurement itself keeps two busy. */
const MOST_FOREIGN = 0.1;

/** The parent of the kernel's own threads: they write to the disk what the measurement writes to files. */
const KERNEL = 2;

export interface Watched {
  /** What others used and the hypervisor took, as a share of one core. */
  readonly foreign: number;
  readonly disturbed: boolean;
  /** What each watched process and its descendants used, in milliseconds. */
  readonly used: ReadonlyMap<number, number>;
}

/**
 * Watches the machine.
 * @param pids the processes that belong to the measurement, beside this one
 * @returns ends the watch; it is told what processes used that ran only meanwhile, in milliseconds
 */
export function watch(pids: readonly number[]): (finished: number) => Watched {
  const watched = [KERNEL, ...pids];
  const own = process.cpuUsage();
  const before = treeTimes(watched);
  const machine = machineTime();
  const started = performance.now();
  return (finished) => {
    const elapsed = performance.now() - started;
    const now = machineTime();
    const used = new Map([...treeTimes(watched)].map(([pid, time]) => [pid, time - (before.get(pid) ?? 0)]));
    const { user, system } = process.cpuUsage(own);
    const known = [...used.values()].reduce((sum, time) => sum + time, finished + (user + system) / 1_000);
    const others = Math.max(0, now.busy - machine.busy - known) + now.stolen - machine.stolen;
    const foreign = others / elapsed;
    return { foreign, disturbed: foreign > MOST_FOREIGN, used };
  };
}

/** So long the machine is looked at, and so long it may take until it is calm, in milliseconds. */
const LOOK_MS = 250;
const PATIENCE_MS = 20_000;

/**
 * Waits until nothing else uses the processors, but not forever: the measurement that follows notices by itself.
 * @param pids as for `watch`
 */
export async function calm(pids: readonly number[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (let disturbed = true; disturbed && performance.now() < until; ) {
    const end = watch(pids);
    await pause(LOOK_MS);
    disturbed = end(0).disturbed;
  }
}
