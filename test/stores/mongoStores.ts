/** The durable store on MongoDB for the contract suite, each time in an empty database that has its indexes. */
import { MongoClient } from 'mongodb';
import { collections } from '../../src/stores/collections.js';
import { openMongo } from '../../src/stores/mongo/open.js';
import type { Stores } from '../../src/stores/stores.js';
import type { OpenedStores } from './contract/fixtures.js';

/**
 * Opens the durable store without any volatile one.
 * @param uri with the name of a database, whose records are deleted before and after
 */
export async function openMongoStores(uri: string): Promise<OpenedStores> {
  await deleteAllRecords(uri);
  let stores = await durableOnly(uri);
  return {
    get stores() {
      return stores;
    },
    async reopen() {
      await stores.close();
      stores = await durableOnly(uri);
      return stores;
    },
    async close() {
      await stores.close();
    },
  };
}

async function durableOnly(uri: string): Promise<Stores> {
  const mongo = await openMongo(uri);
  const volatile = undefined as unknown as Stores['volatile'];
  const limiter = undefined as unknown as Stores['limiter'];
  return {
    ...mongo,
    volatile,
    limiter,
    beginRequest: () => undefined,
    revision: () => undefined,
    changedSince: () => true,
  };
}

/** Deleting keeps the indexes, whose making would take longer than all the tests. */
async function deleteAllRecords(uri: string): Promise<void> {
  await withClient(uri, (client) =>
    Promise.all(collections.map(({ name }) => client.db().collection(name).deleteMany({}))),
  );
}

/** Runs a function with a client of its own. */
export async function withClient<T>(uri: string, run: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri);
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}
