/** The thread in which passwords are hashed and verified. */
import { hashSync, verifySync } from '@node-rs/argon2';
import { serveJobs } from '../lib/backgroundThreads.js';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB of memory (in KiB), two passes, one lane. */
const parameters = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

export interface PasswordJob {
  readonly password: string;
  /** The hash to compare with, in PHC form; without it, the password is hashed. */
  readonly compareWith?: string;
}

export interface PasswordOutcome {
  /** The hash in PHC form: the new one, or the one that was compared with. */
  readonly hash: string;
  readonly matches: boolean;
}

serveJobs(
  ({ password, compareWith }: PasswordJob): PasswordOutcome =>
    compareWith === undefined
      ? { hash: hashSync(password, parameters), matches: true }
      : { hash: compareWith, matches: verifySync(compareWith, password) },
);
