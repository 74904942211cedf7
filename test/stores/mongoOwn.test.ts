/** What the durable store on MongoDB promises beyond the contract: its indexes, its transactions, coming back. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Document, Collection as MongoCollection } from 'mongodb';
import { z } from 'zod';
import { collection } from '../../src/stores/collection.js';
import { ConflictError, insert, removeAll, replace, unchanged } from '../../src/stores/durable.js';
import { openMongo } from '../../src/stores/mongo/open.js';
import { setUpAlone } from '../../src/stores/mongo/setUpAlone.js';
import { accounts } from '../../src/stores/records/account.js';
import { connections } from '../../src/stores/records/connection.js';
import { databaseIn, describeWith, type Service, sharedMongod } from '../support/services.js';
import { account, connection, HOUR } from './contract/fixtures.js';
import { later } from './contract/opened.js';
import { openMongoStores, withClient } from './mongoStores.js';

const describeWithMongod = await describeWith('mongod');

describeWithMongod('a MongoDB database', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  let uri: string;
  let opened: Awaited<ReturnType<typeof openMongoStores>>;
  beforeAll(async () => {
    mongod = await sharedMongod();
    uri = databaseIn(mongod.url, `own_${process.pid}`);
  });
  beforeEach(async () => {
    opened = await openMongoStores(uri);
  });
  afterEach(() => opened.close());
  afterAll(async () => {
    await withClient(uri, (client) => client.db().dropDatabase());
    await mongod.stop();
  });

  const durable = () => opened.stores.durable;
  const inCollection = <T>(name: string, run: (found: MongoCollection<Document & { _id: string }>) => Promise<T>) =>
    withClient(uri, (client) => run(client.db().collection<Document & { _id: string }>(name)));
  const stored = async (id: string) => {
    const found = await durable().get(accounts, id);
    if (!found) throw new Error(`No account ${id}.`);
    return found;
  };

  test('holds what filters need at the top and the record as text', async () => {
    const one = connection('a');
    await durable().commit([insert(connections, one)]);
    const document = await inCollection('connections', (found) => found.findOne({ _id: 'a' }));
    expect(document).toMatchObject({ accountId: 'ada', createdAt: 1, revision: expect.any(Number) });
    expect(document?.keptUntil).toEqual(new Date(one.keptUntil));
    expect(JSON.parse(document?.record)).toEqual(one);
  });

  test('hides what is over though it is still there, and lets its id be used again', async () => {
    const over = connection('a', { keptUntil: Date.now() - 1_000 });
    await durable().commit([insert(connections, over)]);
    expect(await durable().get(connections, 'a')).toBeUndefined();
    expect(await inCollection('connections', (found) => found.countDocuments({}))).toBe(1);
    await durable().sweep();
    expect(await inCollection('connections', (found) => found.countDocuments({}))).toBe(1);
    await durable().commit([insert(connections, connection('a')), insert(connections, connection('b'))]);
    expect(await durable().count(connections, 'byAccount', ['ada'])).toBe(2);
  });

  test('lets the unique value of what is over be used again', async () => {
    const seats = collection({
      name: 'connections',
      schema: z.strictObject({ id: z.string(), accountId: z.string(), keptUntil: z.int() }),
      indexes: { seat: { fields: ['accountId'], unique: true } },
      keptUntil: 'keptUntil',
    });
    const key = { accountId: 1 } as const;
    await inCollection('connections', (found) => found.createIndex(key, { name: 'seat', unique: true }));
    try {
      const seat = (id: string) => ({ id, accountId: 'ada', keptUntil: Date.now() + HOUR });
      await durable().commit([insert(seats, seat('a'))]);
      await expect(durable().commit([insert(seats, seat('b'))])).rejects.toMatchObject({ index: 'seat' });
      await later(2 * HOUR, async () => {
        expect(await durable().commit([insert(seats, seat('b'))])).toEqual({ removed: 0 });
        expect((await durable().list(seats, 'seat', ['ada'])).map(({ id }) => id)).toEqual(['b']);
      });
    } finally {
      await inCollection('connections', (found) => found.dropIndex('seat'));
    }
  });

  test('lets one of two commits through that each rely on what the other one changes', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [`a${round}`, `b${round}`];
      await durable().commit([insert(accounts, account(one)), insert(accounts, account(other))]);
      const [a, b] = [await stored(one), await stored(other)];
      const outcomes = await Promise.allSettled([
        durable().commit([unchanged(accounts, a), replace(accounts, { ...b, name: 'B' })]),
        durable().commit([unchanged(accounts, b), replace(accounts, { ...a, name: 'A' })]),
      ]);
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(refused).toEqual([expect.any(ConflictError)]);
    }
  });

  test('lets all commits through that rely on the same record', async () => {
    await durable().commit([insert(accounts, account('a'))]);
    const a = await stored('a');
    const commits = Array.from({ length: 20 }, (_, n) =>
      durable().commit([unchanged(accounts, a), insert(connections, connection(`c${n}`))]),
    );
    await Promise.all(commits);
    expect(await durable().count(connections, 'byAccount', [])).toBe(20);
    expect(await stored('a')).toEqual(a);
  });

  test('has one winner among 50 transactions on the same version, and none of the others leaves anything', async () => {
    await durable().commit([insert(accounts, account('a'))]);
    const a = await stored('a');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        durable().commit([insert(connections, connection(`c${n}`)), replace(accounts, { ...a, name: `N${n}` })]),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ConflictError);
    expect(await durable().count(connections, 'byAccount', [])).toBe(1);
  });

  test('removes thousands at once', async () => {
    await durable().commit(Array.from({ length: 3_000 }, (_, n) => insert(connections, connection(`c${n}`))));
    expect(await durable().list(connections, 'byAccount', ['ada'])).toHaveLength(3_000);
    expect(await durable().commit([removeAll(connections, 'byAccount', ['ada'])])).toEqual({ removed: 3_000 });
  });

  test.each([
    ['missing', []],
    ['different', [{ key: { email: 1 as const }, name: 'byEmail' }]],
  ])('with an index that is %s is not opened, and the message names it', async (problem, instead) => {
    await durable().commit([insert(accounts, account('a'))]);
    await inCollection('accounts', async (found) => {
      await found.dropIndex('byEmail');
      if (instead.length > 0) await found.createIndexes([...instead]);
      try {
        await expect(openMongo(uri)).rejects.toThrow(
          new RegExp(`accounts\\.byEmail is ${problem}\\. Run "npm run indexes"`),
        );
      } finally {
        if (instead.length > 0) await found.dropIndex('byEmail');
        await found.createIndex({ email: 1 }, { name: 'byEmail', unique: true });
      }
    });
    await (await openMongo(uri)).close();
  });

  test.each([
    ['a newer version', 99, /schema version 99, which a newer version .* start that one/],
    [
      'an older version',
      0,
      /schema version 0, and this version needs 1; stop all servers, back up, and run "npm run indexes"/,
    ],
  ])('of %s is not opened, and the message says what to do', async (_, version, message) => {
    const setTo = (to: number) =>
      inCollection('meta', (found) => found.updateOne({ _id: 'schema' }, { $set: { version: to } }));
    await setTo(version);
    try {
      await expect(openMongo(uri)).rejects.toThrow(message);
    } finally {
      await setTo(1);
    }
  });

  test('with records of somebody else is not opened', async () => {
    const others = databaseIn(mongod.url, `others_${process.pid}`);
    await withClient(others, async (client) => {
      await client.db().collection('accounts').insertOne({ name: 'theirs' });
      try {
        await expect(openMongo(others)).rejects.toThrow(/has records but no schema version/);
      } finally {
        await client.db().dropDatabase();
      }
    });
  });

  test.each([1, 2, 3, 4, 5])('that is empty may be set up by several servers at once (%i)', async (attempt) => {
    const fresh = databaseIn(mongod.url, `fresh_${attempt}_${process.pid}`);
    const servers = await Promise.all([1, 2, 3].map(() => openMongo(fresh)));
    for (const server of servers) await server.close();
    await withClient(fresh, async (client) => {
      expect(await client.db().collection('meta').find().toArray()).toEqual([{ _id: 'schema', version: 1 }]);
      await client.db().dropDatabase();
    });
  });

  test('is set up by one at a time, however long that takes', async () => {
    await withClient(uri, async (client) => {
      const db = client.db();
      const claim = async () =>
        (await db.collection<Document & { _id: string }>('meta').findOne({ _id: 'set-up' }))?.until;
      await setUpAlone(db, async () => {
        const until = Number(await claim());
        const deadline = Date.now() + 8_000;
        // Longer than it holds at first, if nobody prolonged it.
        while (Number(await claim()) === until && Date.now() < deadline) await pause(100);
        expect(Number(await claim())).toBeGreaterThan(until + 2_000);
      });
      expect(await claim()).toBeUndefined();
    });
  });

  test('is not kept from being set up by a claim from a clock that is far ahead', async () => {
    await withClient(uri, async (client) => {
      const meta = client.db().collection<Document & { _id: string }>('meta');
      await meta.insertOne({ _id: 'set-up', by: 'dead', until: new Date(Date.now() + HOUR) });
      expect(await setUpAlone(client.db(), async () => 'done')).toBe('done');
    });
  });

  test('that a server left half set up when it died is set up by the next one, after a while', async () => {
    const left = databaseIn(mongod.url, `left_${process.pid}`);
    await withClient(left, async (client) => {
      const until = new Date(Date.now() + 500);
      await client.db().collection<Document & { _id: string }>('meta').insertOne({ _id: 'set-up', by: 'dead', until });
      const server = await openMongo(left);
      expect(Date.now()).toBeGreaterThan(until.getTime());
      await server.close();
      await client.db().dropDatabase();
    });
  });
});
