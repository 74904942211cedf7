/** What the operator has to put right before the server can start. */
import type { z } from 'zod';
import { StartError } from './startError.js';

/** The configuration cannot be used; each line names a variable or a place in the file and says what to do. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}

/**
 * What to put right in settings that do not fit their schema.
 * @param where names the file; `''` for variables, whose names say it
 */
export const unfit = (where: string, { issues }: z.ZodError): ConfigError =>
  new ConfigError(issues.map(({ path, message }) => `${where}${path.join('.') || 'the file'} ${message}.`).join('\n'));
