/** The log: JSON lines on stdout, without secrets: of an error only what this server and its drivers say in words. */
import { type Logger, pino } from 'pino';

/** @param level of the least important lines that are written; `silent` writes none */
export function createLog(level: string): Logger {
  const serializers = { err: errorInLog };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers });
}

/** A cause of a cause of a cause is still of use; beyond that somebody made a ring. */
const MOST_CAUSES = 4;

/**
 * What is logged of an error. Libraries hang onto errors what they worked on, such as Node.js the bytes of a request that
 * it could not parse: whatever was received or stored stays out.
 */
export function errorInLog(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error && ['string', 'number'].includes(typeof error.code) ? { code: error.code } : {};
  const because = cause === undefined || depth === MOST_CAUSES ? {} : { cause: errorInLog(cause, depth + 1) };
  return { type: name, message, stack, ...code, ...because };
}
