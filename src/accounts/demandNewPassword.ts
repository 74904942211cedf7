/** A new password has to follow the rule for passwords. */
import { DirectoryError } from '../organizations/directoryError.js';
import { passwordProblem } from './passwords.js';

/**
 * Demands that somebody can have this password from now on.
 * @param password the new password
 * @throws DirectoryError `invalid`, saying what to choose
 */
export function demandNewPassword(password: string): void {
  const problem = passwordProblem(password);
  if (problem !== undefined) throw new DirectoryError('invalid', problem);
}
