/** What a person typed and can put right: shown beside the field, on the same form. */
import { DirectoryError } from '../organizations/directoryError.js';

/**
 * Waits for what a form asked for.
 * @returns the result, or the words of the refusal when the form can be corrected
 * @throws everything else
 */
export async function attempted<T>(attempt: Promise<T>): Promise<{ result: T } | { problem: string }> {
  try {
    return { result: await attempt };
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'invalid') return { problem: error.message };
    throw error;
  }
}
