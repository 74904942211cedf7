/** Ends the server when it is told to, once and within a bound; whoever tells it again after a moment means at once. */
import { constants } from 'node:os';
import type { Logger } from 'pino';
import { EXIT } from './exitCodes.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** So long after the first signal another one means "now", in milliseconds; terminals and npm both pass the first on. */
const IMPATIENT_AFTER_MS = 1_000;
/** How long something else may keep the process alive when the end is done (mail under way), in milliseconds. */
const LINGER_MS = 3_000;

/**
 * Ends the process at SIGTERM and SIGINT, with exit code 0.
 * @param end what is to be done before; it ends by itself within a bound
 */
export function endOnSignals(log: Logger, end: () => Promise<void>): void {
  let begunAt: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (begunAt === undefined) {
        begunAt = performance.now();
        log.info({ signal }, 'stopping');
        end().then(
          () => exitSoon(EXIT.done),
          (err: unknown) => {
            log.fatal({ err }, 'stopping failed');
            exitSoon(EXIT.defect);
          },
        );
      } else if (performance.now() - begunAt > IMPATIENT_AFTER_MS) {
        log.warn({ signal }, 'stopped at a second signal, with requests under way');
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
}

function exitSoon(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
