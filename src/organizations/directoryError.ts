/** What a person can do wrong with accounts, organizations and members. */

export type DirectoryErrorCode = 'not-found' | 'conflict' | 'invalid' | 'forbidden';

/** A change of the directory was refused and nothing was written; the message says what to do, in words for people. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  constructor(
    readonly code: DirectoryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
