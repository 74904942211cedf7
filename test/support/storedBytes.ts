/** How many bytes are in the stores of a server, whichever they are. */
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Database, Key } from 'lmdb';
import { BSON, MongoClient } from 'mongodb';
import { openTables } from '../../src/stores/embedded/tables.js';
import type { TestServer } from './server.js';

export interface StoredBytes {
  now(): Promise<number>;
  /** Everything that is stored, as text. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Opens the stores of a running server beside it. */
export const storedBytes = (server: TestServer): StoredBytes =>
  server.env.MONGODB_URI ? inServices(server.env.MONGODB_URI, server.env.REDIS_URL ?? '') : embedded(server.dataDir);

/** Keys and values of every table; what the changes of the last seconds were is a ring of fixed length. */
function embedded(dataDir: string): StoredBytes {
  const { root, records, indexes, recordExpiry, values, valuesByEnd, valueExpiry, valueGroups } = openTables(
    join(dataDir, 'store'),
    true,
  );
  const tables: Database<unknown, Key>[] = [
    records,
    indexes,
    recordExpiry,
    values,
    valuesByEnd,
    valueExpiry,
    valueGroups,
  ];
  const text = async () => {
    root.resetReadTxn();
    return tables
      .flatMap((table) => Array.from(table.getRange(), ({ key, value }) => JSON.stringify([key, value])))
      .join('\n');
  };
  return { text, now: async () => Buffer.byteLength(await text()), close: async () => void (await root.close()) };
}

function inServices(mongodbUri: string, redisUrl: string): StoredBytes {
  const mongo = new MongoClient(mongodbUri);
  const redis = new Redis(redisUrl);
  const documents = async () => {
    const collections = await mongo.db().listCollections().toArray();
    const found = await Promise.all(collections.map(({ name }) => mongo.db().collection(name).find().toArray()));
    return found.flat();
  };
  const keys = () => redis.keys('*');
  const memory = async (): Promise<number> => {
    const sizes = await Promise.all((await keys()).map((key) => redis.memory('USAGE', key)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  };
  return {
    now: async () => {
      const stored = await documents();
      return stored.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) + (await memory());
    },
    text: async () => {
      const values = await Promise.all(
        (await keys()).map(async (key) => ((await redis.type(key)) === 'string' ? redis.get(key) : key)),
      );
      return JSON.stringify([await documents(), values]);
    },
    close: async () => {
      await mongo.close();
      redis.disconnect();
    },
  };
}
