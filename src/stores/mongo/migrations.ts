/** What leads from one schema version to the next; docs/storage.md says how to write one. */
import type { Db } from 'mongodb';

export interface Migration {
  /** The schema version that the database has afterwards. */
  readonly to: number;
  /** Changes the stored documents. It may have been broken off before, so it must be able to run again. */
  readonly run: (db: Db) => Promise<void>;
}

/** Version 1 is the first, so nothing leads there. */
export const migrations: readonly Migration[] = [];
