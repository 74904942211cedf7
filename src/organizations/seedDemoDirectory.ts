/** The demo directory: three people and three organizations to try the server with. */
import { readFile } from 'node:fs/promises';
import { accounts } from '../stores/records/account.js';
import type { Stores } from '../stores/stores.js';
import { type ImportSummary, importDirectory } from './importDirectory.js';

export const demoDirectory = new URL('../../config/demo-directory.json', import.meta.url);

/**
 * Imports config/demo-directory.json into a directory that has no accounts yet. Its passwords are public, so whoever
 * calls this decides that nobody else can reach the server.
 * @param stores where the directory is
 * @returns what was added; undefined when there were accounts and nothing was done
 */
export async function seedDemoDirectory(stores: Stores): Promise<ImportSummary | undefined> {
  const [someone] = await stores.durable.list(accounts, 'byEmail', [], { limit: 1 });
  if (someone) return undefined;
  return importDirectory(stores, { kind: 'operator' }, await readFile(demoDirectory, 'utf8'));
}
