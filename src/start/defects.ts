/**
 * An error that nothing caught is a defect of this program, and ends it: what it was in the middle of is not known. The
 * stores lose nothing by a sudden end; requests under way do, and are asked again by who sent them.
 */
import type { Logger } from 'pino';
import { EXIT } from './exitCodes.js';

/** Logs such an error and exits at once. */
export function endOnDefects(log: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (err: unknown) => {
      log.fatal({ err }, event);
      process.exit(EXIT.defect);
    });
}
