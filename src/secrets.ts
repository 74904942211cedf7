/** Cookie and encryption keys: from the environment, or made once and kept in the data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './makeFolder.js';
import { StartError } from './startError.js';

/**
 * Reads a secret that lives in the data folder, making it first when it is not there (mode 0600).
 * @param folder the data folder; made when missing
 * @param name the file's name
 * @param make gives the secret's text
 * @throws when the folder cannot be written to
 */
export function keptSecret(folder: string, name: string, make: () => string): string {
  const path = join(folder, name);
  try {
    makeFolder(folder);
    // `wx` makes one of several processes that start at once the author; the others read what it wrote.
    writeFileSync(path, `${make()}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || syscall !== 'open')
      throw new StartError(
        `DATA_DIR ${folder} cannot be written to (${code}); set DATA_DIR to a folder of this process.`,
      );
  }
  return readFileSync(path, 'utf8').trim();
}

/** The secret that lives in the data folder, or a fresh one where there is none; nothing is written. */
export function presentSecret(folder: string, name: string, make: () => string): string {
  const path = join(folder, name);
  return (existsSync(path) ? readFileSync(path, 'utf8') : make()).trim();
}

/** A cookie key: 256 random bits as text. */
export const newCookieKey = (): string => randomBytes(32).toString('base64url');

/** An encryption key: the base64 of 32 random bytes. */
export const newEncryptionKey = (): string => randomBytes(32).toString('base64');
