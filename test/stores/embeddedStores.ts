/** Embedded stores in a temporary folder, for the contract suites. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import type { OpenedStores } from './contract/fixtures.js';

export interface OpenedFolder extends OpenedStores {
  readonly folder: string;
}

/** Opens empty stores in a new folder. */
export async function openInNewFolder(): Promise<OpenedFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'embedded-store-'));
  const folder = join(parent, 'data.d');
  let stores = await openEmbeddedStores(folder);
  return {
    folder,
    get stores() {
      return stores;
    },
    async reopen() {
      await stores.close();
      stores = await openEmbeddedStores(folder);
      return stores;
    },
    async close() {
      await stores.close();
      await rm(parent, { recursive: true });
    },
  };
}
