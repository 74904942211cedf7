/** What the operator has to put right before the server can start. */
import type { z } from 'zod';
import { StartError } from './startError.js';

/** The configuration cannot be used; the message names the variable or the place in the file and says what to do. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}

/**
 * What to put right first in settings that do not fit their schema.
 * @param where names the file; `''` for variables, whose names say it
 */
export function firstProblem(where: string, error: z.ZodError): ConfigError {
  const first = error.issues[0];
  return new ConfigError(`${where}${first?.path.join('.') || 'the file'} ${first?.message ?? 'is invalid'}.`);
}
