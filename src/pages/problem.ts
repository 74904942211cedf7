/** What a person typed and can put right: shown beside the field, on the same form. */
import { DirectoryError, type DirectoryErrorCode } from '../organizations/directoryError.js';

/**
 * Waits for what a form asked for.
 * @param correctable the refusals that another input would not meet
 * @returns the result, or the words of the refusal when the form can be corrected
 * @throws everything else
 */
export async function attempted<T>(
  attempt: Promise<T>,
  correctable: readonly DirectoryErrorCode[] = ['invalid'],
): Promise<{ result: T } | { problem: string; code: DirectoryErrorCode }> {
  try {
    return { result: await attempt };
  } catch (error) {
    if (error instanceof DirectoryError && correctable.includes(error.code))
      return { problem: error.message, code: error.code };
    throw error;
  }
}
