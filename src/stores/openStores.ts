/** Chooses the stores: for now the embedded one, a folder on disk. */
import { join } from 'node:path';
import type { Config } from '../config.js';
import { openEmbeddedStores } from './embedded/open.js';
import type { Stores } from './stores.js';

/**
 * Opens the stores that the configuration names.
 * @throws when a store cannot be opened, with a message that says what to do
 */
export function openStores(config: Config): Promise<Stores> {
  return openEmbeddedStores(join(config.dataDir, 'store'));
}
