/** COOKIE_KEYS and ENCRYPTION_KEY: set by the operator, or made once and kept in the data folder. */
import type { z } from 'zod';
import { ConfigError } from './configError.js';
import { cookieKey, encryptionKey, keyList } from './environment.js';
import { newCookieKey, newEncryptionKey } from './secrets.js';

/** Reads a key that is in the data folder: folder, name of the file, and what makes one. */
export type SecretIn = (folder: string, name: string, make: () => string) => string;

/** @throws ConfigError that names what is missing */
export function demandKeys(set: NodeJS.ProcessEnv): void {
  const missing = ['COOKIE_KEYS', 'ENCRYPTION_KEY'].filter((variable) => set[variable] === undefined);
  if (missing.length > 0)
    throw new ConfigError(
      missing
        .map((one) => `${one} is required in production and with MONGODB_URI; make a key with: openssl rand -base64 32`)
        .join('\n'),
    );
}

/** The cookie keys in the data folder. */
export const ownCookieKeys = (folder: string, secretIn: SecretIn): readonly string[] =>
  usable('COOKIE_KEYS', keyList(cookieKey), secretIn(folder, 'cookie-keys', newCookieKey));

/** The encryption keys in the data folder. */
export const ownEncryptionKeys = (folder: string, secretIn: SecretIn): readonly Buffer[] =>
  usable('ENCRYPTION_KEY', keyList(encryptionKey), secretIn(folder, 'encryption-key', newEncryptionKey));

function usable<T>(variable: string, schema: z.ZodType<T>, kept: string): T {
  const parsed = schema.safeParse(kept);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`The file for ${variable} in DATA_DIR holds no usable key; restore it or set ${variable}.`);
}
