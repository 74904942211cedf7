/** Opens MongoDB: connects, makes sure that it can do what this server needs, and checks what is stored there. */
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import type { DurableStore } from '../durable.js';
import { StoreUnavailableError } from '../stores.js';
import { withoutSecrets } from '../withoutSecrets.js';
import { MongoDurableStore } from './durable.js';
import { answered } from './errors.js';
import { demandSchema } from './schema.js';

/** The name of the database when the URI does not name one; the driver's own default is "test". */
const DATABASE = 'mcp_authorization';

export interface OpenMongo {
  readonly durable: DurableStore;
  check(): Promise<void>;
  close(): Promise<void>;
}

const OPTIONS: MongoClientOptions = {
  appName: 'mcp-authorization-server',
  // Also the longest that a request waits when no server can be reached.
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  waitQueueTimeoutMS: 2_000,
  // A server that stopped talking is noticed by the heartbeat, which then breaks off what is under way.
  heartbeatFrequencyMS: 2_000,
  socketTimeoutMS: 30_000,
  retryReads: true,
  retryWrites: true,
  readPreference: 'primary',
  // Never what a failover could take back; and what a majority has acknowledged, the primary's next read shows.
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
};

/**
 * Opens the durable store; an empty database gets its indexes.
 * @param uri the value of MONGODB_URI
 * @param lookOnly it does not, and nothing is to be written
 * @throws StoreUnavailableError with what to do, and without the URI's credentials
 */
export async function openMongo(uri: string, lookOnly = false): Promise<OpenMongo> {
  const { client, db } = await connectMongo(uri);
  try {
    await answered(() => demandSchema(db, lookOnly));
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    durable: new MongoDurableStore(client, db),
    async check() {
      await answered(() => db.command({ ping: 1 }));
    },
    close: () => client.close(),
  };
}

/**
 * Connects to a replica set or sharded cluster.
 * @param uri the value of MONGODB_URI
 * @throws StoreUnavailableError when it cannot be reached or cannot do transactions
 */
export async function connectMongo(uri: string): Promise<{ readonly client: MongoClient; readonly db: Db }> {
  const client = newClient(uri);
  const db = client.db(/^mongodb(?:\+srv)?:\/\/[^/?]*\/([^/?]+)/.exec(uri)?.[1] ?? DATABASE);
  try {
    const hello = await db.admin().command({ hello: 1 });
    if (hello.setName === undefined && hello.msg !== 'isdbgrid' && hello.serviceId === undefined)
      throw new StoreUnavailableError(
        'MONGODB_URI leads to a standalone mongod, which has no transactions; make it a replica set: start it with --replSet rs0 and run rs.initiate() in mongosh once.',
      );
  } catch (error) {
    await client.close();
    if (error instanceof StoreUnavailableError) throw error;
    const reason = withoutSecrets((error as Error).message, uri);
    throw new StoreUnavailableError(`The database of MONGODB_URI does not answer: ${reason}`);
  }
  return { client, db };
}

function newClient(uri: string): MongoClient {
  try {
    return new MongoClient(uri, OPTIONS);
  } catch (error) {
    throw new StoreUnavailableError(`MONGODB_URI cannot be used: ${withoutSecrets((error as Error).message, uri)}`);
  }
}
