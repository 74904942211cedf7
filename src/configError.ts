/** What the operator has to put right before the server can start. */
import { StartError } from './startError.js';

/** The configuration cannot be used; the message names the variable or the place in the file and says what to do. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}
