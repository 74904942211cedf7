/** What the exit code of the server says; the commands use the same numbers. */
import { ConfigError } from '../config.js';
import { StartError } from '../startError.js';
import { StoreUnavailableError, UnfitStoreError } from '../stores/stores.js';

export const EXIT = {
  /** It did what it was asked to, and ended because it was told to. */
  done: 0,
  /** What it finds does not let it: the port is taken, a folder cannot be written to, the indexes or a key do not fit. */
  refused: 1,
  /** The configuration or the command line cannot be used. */
  configuration: 2,
  /** A store cannot be used or does not answer. */
  store: 3,
  /** A defect of this program. */
  defect: 70,
} as const;

/** The code for what stopped the start. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof ConfigError) return EXIT.configuration;
  if (error instanceof UnfitStoreError) return EXIT.refused;
  if (error instanceof StoreUnavailableError) return EXIT.store;
  return error instanceof StartError ? EXIT.refused : EXIT.defect;
}

/** What an operator is told of it: what to do where that is known, else where it happened. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (exitCodeFor(error) === EXIT.defect) return error.stack ?? error.message;
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message) ? `${message} (${cause.message})` : message;
}
