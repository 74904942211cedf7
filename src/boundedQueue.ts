/** Work that must not take more of this machine than its part: few at a time, few that wait, and a refusal beyond them. */

/** There was no place left to wait; nothing was done. */
export class TooBusyError extends Error {
  override readonly name = 'TooBusyError';
  /** @param seconds after which a place is likely to be free */
  constructor(readonly seconds: number) {
    super('Too much of the same work is waiting.');
  }
}

/**
 * Runs work in the order in which it comes.
 * @param patient waits however many wait already
 * @throws TooBusyError when there is no place left to wait; and what the work throws
 */
export type BoundedQueue = <T>(work: () => Promise<T>, patient?: boolean) => Promise<T>;

/**
 * @param atOnce how much runs at a time
 * @param waiting how much more may wait
 * @param seconds what those hear who are refused, until they should try again
 */
export function boundedQueue(atOnce: number, waiting: number, seconds: number): BoundedQueue {
  let running = 0;
  const queue: (() => void)[] = [];
  const turn = async (patient: boolean): Promise<void> => {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (queue.length >= waiting && !patient) throw new TooBusyError(seconds);
    // Whoever is done hands the place on, so that nobody who comes at that moment takes it first.
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  return async (work, patient = false) => {
    await turn(patient);
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
