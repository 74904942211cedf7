/** A bound on the whole of something that has several steps, each of which may have a bound of its own. */

/**
 * Waits for something until a deadline. What was begun is not ended by it: that is up to the bounds of its steps.
 * @param ms from now on
 * @param late makes the error that is thrown at the deadline
 */
export async function byDeadline<T>(ms: number, doing: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([doing, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
