/** The log: JSON lines on stdout. */
import { type Logger, pino } from 'pino';

/** @param level of the least important lines that are written; `silent` writes none */
export function createLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
