/** Passwords: which ones are accepted, and how they are hashed (argon2id) and verified. */
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { boundedQueue } from '../boundedQueue.js';

const MINIMUM_LENGTH = 8;
const MAXIMUM_LENGTH = 1024;

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB of memory (in KiB), two passes, one lane. */
const parameters = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/**
 * A hash takes one of the four threads of Node.js for some 20 ms, and commits of the embedded store need those as well: so two
 * at most are under way, and more than these wait for a second at most.
 */
const inTurn = boundedQueue(2, 20, 2);

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
export function hashPassword(password: string, patient = false): Promise<string> {
  return inTurn(() => hash(normalized(password), parameters), patient);
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
  return inTurn(() => verify(passwordHash, normalized(password)), patient);
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
