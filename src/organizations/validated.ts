/** Input that has to fit a schema before the domain works with it. */
import type { z } from 'zod';
import { DirectoryError } from './directoryError.js';

/**
 * Parses input, e.g. trims a name.
 * @param schema what it has to look like
 * @param input what somebody typed
 * @returns the parsed value
 * @throws DirectoryError `invalid`, with the schema's first message
 */
export function validated<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new DirectoryError('invalid', parsed.error.issues[0]?.message ?? 'This value is not accepted.');
}
