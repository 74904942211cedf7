/** What MongoDB's errors mean to the rest of the server. */
import { MongoAPIError, MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { ConflictError } from '../durable.js';
import { StoreUnavailableError } from '../stores.js';

const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;

/** Codes of requests that no waiting would make right (BadValue, FailedToParse, TypeMismatch, too large, …). */
const DEFECTS: readonly unknown[] = [2, 9, 14, 15, 26, 27, 52, 56, 59, 66, 10_334, 17_280, 17_420];

/**
 * Runs an operation of the driver.
 * @throws StoreUnavailableError for whatever means that the database cannot answer now; everything else as it came
 */
export async function answered<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw meant(error);
  }
}

function meant(error: unknown): unknown {
  if (!isSocketError(error) && (!(error instanceof MongoError) || isDefect(error))) return error;
  // Only the words: the driver's error drags the description of the whole cluster into each line of the log.
  const cause = new Error(`${error.name}: ${error.message}`);
  return new StoreUnavailableError('MongoDB cannot answer now.', { cause });
}

/** Misuse of the driver is a defect, but using it after it was closed or lost its connection is not. */
function isDefect(error: MongoError): boolean {
  if (error instanceof MongoServerError) return DEFECTS.includes(error.code);
  return error instanceof MongoAPIError && !/NotConnected|Closed|Expired/.test(error.name);
}

/** The conflict that a duplicate key is; undefined for any other error. */
export function duplicateKey(collection: string, error: unknown): ConflictError | undefined {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return undefined;
  const index = /index: (\S+)/.exec(error.message)?.[1];
  return index === undefined || index === '_id_' ? new ConflictError(collection) : new ConflictError(collection, index);
}

/** Whether a transaction may succeed when it is begun again. */
export const isTransient = (error: unknown): boolean =>
  error instanceof MongoError && (error.hasErrorLabel('TransientTransactionError') || isWriteConflict(error));

/** Somebody else's transaction wrote one of the same documents. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === WRITE_CONFLICT;

/** Whether the connection is gone, so that telling the database anything only costs time. */
export const isOutOfReach = (error: unknown): boolean =>
  error instanceof MongoNetworkError || error instanceof MongoServerSelectionError || isSocketError(error);

/** The driver passes on as it comes what Node.js throws when it writes to a socket that the other side has just closed. */
const isSocketError = (error: unknown): error is NodeJS.ErrnoException =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(String(Object(error).code));
