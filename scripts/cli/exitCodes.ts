/** What the exit code of a command says. */
import { CommanderError } from 'commander';
import { ConfigError } from '#src/configError.js';
import { DirectoryError } from '#src/organizations/directoryError.js';
import { StartError } from '#src/startError.js';
import { ConflictError } from '#src/stores/durable.js';
import { StoreUnavailableError, UnfitStoreError } from '#src/stores/stores.js';

export const exitCodes = {
  done: 0,
  refused: 1,
  'wrong use': 2,
  'store unavailable': 3,
  'defect of this program': 70,
} as const;

/** The command cannot be carried out as it was typed, or with the files or environment it was given. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Tells the operator about an error on standard error.
 * @param error whatever stopped the command
 * @returns the exit code that says the same
 */
export function exitCodeOf(error: unknown): number {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes['wrong use'];
  if (error instanceof DirectoryError) return tell(error.message, exitCodes.refused);
  if (error instanceof ConflictError)
    return tell('Others kept changing the same records; nothing was changed. Try again.', exitCodes.refused);
  if (error instanceof UsageError || error instanceof ConfigError) return tell(error.message, exitCodes['wrong use']);
  if (error instanceof StartError || error instanceof UnfitStoreError) return tell(error.message, exitCodes.refused);
  if (error instanceof StoreUnavailableError)
    return tell(`The store cannot be used: ${error.message}${because(error)}`, exitCodes['store unavailable']);
  return tell(
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    exitCodes['defect of this program'],
  );
}

/** The driver knows why, and the message does not always repeat it. */
function because({ message, cause }: Error): string {
  return cause instanceof Error && !message.includes(cause.message) ? ` (${cause.message})` : '';
}

function tell(message: string, code: number): number {
  console.error(message);
  return code;
}
