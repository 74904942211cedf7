/** What has to be put right in the configuration is told all at once. */
import { ConfigError } from './configError.js';

/** Collects the problems of one reading of the configuration. */
export class ConfigProblems {
  readonly #found: string[] = [];

  add({ message }: ConfigError): void {
    this.#found.push(message);
  }

  /** What a part of the reading gives; undefined when it throws a ConfigError, which is kept. */
  in<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** One error that says all of them, a line each. */
  all(): ConfigError {
    return new ConfigError(this.#found.join('\n'));
  }
}
