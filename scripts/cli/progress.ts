/** Progress of long work: a bar on standard error where somebody watches, nothing elsewhere. */

/** Loaded only where somebody watches. */
const bars = process.stderr.isTTY ? await import('cli-progress') : undefined;

export interface Progress {
  /** @param done how much is done so far, of the total */
  report(done: number): void;
  /** Takes the bar away. */
  end(): void;
}

/**
 * @param what is being worked on, e.g. `connections`
 * @param total how much there is to do
 */
export function progressOf(what: string, total: number): Progress {
  if (!bars) return { report: () => undefined, end: () => undefined };
  const bar = new bars.SingleBar({
    stream: process.stderr,
    format: `${what} {bar} {value} of {total}, {eta_formatted} left`,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: true,
  });
  bar.start(total, 0);
  return { report: (done) => bar.update(done), end: () => bar.stop() };
}
