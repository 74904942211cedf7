/** Passwords: which ones are accepted, and how they are hashed (argon2id) and verified. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { parseOptions } from '@node-rs/argon2';
import { boundedQueue } from '../boundedQueue.js';
import { backgroundThreads } from '../lib/backgroundThreads.js';
import type { PasswordJob, PasswordOutcome } from './passwordThread.js';

const MINIMUM_LENGTH = 8;
const MAXIMUM_LENGTH = 1024;

/** The compiled file, also where this one runs from its source, as in tests. */
const THREAD = createRequire(import.meta.url).resolve('#src/accounts/passwordThread.js');

const inThread = backgroundThreads<PasswordJob, PasswordOutcome>(THREAD);

/** A hash takes a processor for some 20 ms: so two at most are under way, and on two processors one. */
const AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1));
/** More than these would wait for more than a second. */
const WAITING = 20;

/** So many passwords at most are hashed or verified, or wait for it. */
export const MOST_PASSWORDS = AT_ONCE + WAITING;

const inTurn = boundedQueue(AT_ONCE, WAITING, 2);

/** RFC 8265 §4.2: keyboards differ in how they compose an accented letter, so both spellings count as the same. */
const normalized = (password: string): string => password.normalize('NFC');

/**
 * What is wrong with a password that somebody wants to have.
 * @param password the new password
 * @returns a sentence for people, or undefined when it is accepted
 */
export function passwordProblem(password: string): string | undefined {
  const length = [...normalized(password)].length;
  if (length < MINIMUM_LENGTH) return `Choose a password of at least ${MINIMUM_LENGTH} characters.`;
  if (length > MAXIMUM_LENGTH) return `Choose a password of at most ${MAXIMUM_LENGTH.toLocaleString('en')} characters.`;
  return undefined;
}

/**
 * Hashes a password for storage.
 * @param password the password in clear
 * @param patient waits however many wait already: for the operator's own files, which nobody else sends
 * @returns argon2id in PHC form, with a salt of its own
 * @throws TooBusyError when too many passwords wait to be hashed or verified
 */
export async function hashPassword(password: string, patient = false): Promise<string> {
  const { hash } = await inTurn(() => inThread({ password: normalized(password) }), patient);
  return hash;
}

/**
 * Whether a password belongs to a hash. Takes as long when there is no hash, so that the time does not tell which
 * accounts exist.
 * @param passwordHash the account's hash; undefined when there is no account or it has no password
 * @param password what was typed
 * @param patient as for `hashPassword`
 * @throws TooBusyError when too many passwords wait to be hashed or verified
 */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
  patient = false,
): Promise<boolean> {
  if (passwordHash === undefined) {
    await hashPassword(password, patient);
    return false;
  }
  const job = { password: normalized(password), compareWith: passwordHash };
  const { matches } = await inTurn(() => inThread(job), patient);
  return matches;
}

/**
 * Whether a text is an argon2id hash that `verifyPassword` can work with.
 * @param text a hash in PHC form, for example from an exported directory
 */
export function isPasswordHash(text: string): boolean {
  try {
    parseOptions(text);
    return text.startsWith('$argon2id$');
  } catch {
    return false;
  }
}
