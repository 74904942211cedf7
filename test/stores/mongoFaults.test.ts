/** A mongod that cannot be used, or goes away and comes back; and what is said about it. */
import { expect, test } from '@jest/globals';
import { insert, remove, replace } from '../../src/stores/durable.js';
import { type OpenMongo, openMongo } from '../../src/stores/mongo/open.js';
import { accounts } from '../../src/stores/records/account.js';
import { connections } from '../../src/stores/records/connection.js';
import { StoreUnavailableError } from '../../src/stores/stores.js';
import { describeWith, startMongod } from '../support/services.js';
import { account, connection } from './contract/fixtures.js';
import { untilItAnswers } from './untilItAnswers.js';

const describeWithOwnMongod = await describeWith('a mongod of its own');

describeWithOwnMongod('a mongod', () => {
  test('that is no replica set is refused with what to do', async () => {
    const standalone = await startMongod([]);
    try {
      await expect(openMongo(standalone.url)).rejects.toThrow(/make it a replica set: start it with --replSet/);
    } finally {
      await standalone.stop();
    }
  });

  test('that is killed cannot answer, and answers within 5 s after it is back with all that was acknowledged', async () => {
    const mongod = await startMongod();
    const mongo: OpenMongo = await openMongo(mongod.url);
    try {
      const { durable, check } = mongo;
      await durable.commit([insert(accounts, account('a')), insert(connections, connection('b'))]);
      const a = await durable.get(accounts, 'a');
      if (!a) throw new Error('No account a.');
      await mongod.kill();
      const failing = [
        () => durable.get(accounts, 'a'),
        () => durable.list(connections, 'byAccount', ['ada']),
        () => durable.count(connections, 'byAccount', ['ada']),
        () => durable.commit([replace(accounts, { ...a, name: 'X' })]),
        () => durable.commit([remove(connections, 'b'), replace(accounts, { ...a, name: 'X' })]),
        check,
      ];
      await Promise.all(
        failing.map(async (attempt) => {
          const started = performance.now();
          await expect(attempt()).rejects.toThrow(StoreUnavailableError);
          expect(performance.now() - started).toBeLessThan(7_000);
        }),
      );
      await mongod.restart();
      expect(await untilItAnswers(check)).toBeLessThan(5_000);
      expect(await durable.get(accounts, 'a')).toEqual(a);
      expect(await durable.commit([remove(connections, 'b'), replace(accounts, { ...a, name: 'X' })])).toEqual({
        removed: 1,
      });
    } finally {
      await mongo.close();
      await mongod.stop();
    }
  });
});

test('no message about a MONGODB_URI tells its credentials', async () => {
  const credentials = 'someone:hidden-pass%40word';
  const uris = [
    `mongodb://${credentials}@127.0.0.1:1/db?replicaSet=rs0`,
    `mongodb://${credentials}@127.0.0.1:1/db?noSuchOption=1`,
    `mongodb://${credentials}@127.0.0.1:99999/db`,
    `mongodb://${credentials}@/db`,
    `mongodb://someone:hidden-pass@word@127.0.0.1:1/`,
    `mongodb://someone:hidden%ZZ@127.0.0.1:1/`,
  ];
  const told = await Promise.all(
    uris.map((uri) =>
      openMongo(uri).then(
        () => 'opened',
        (error: Error) => error,
      ),
    ),
  );
  for (const error of told) {
    expect(error).toBeInstanceOf(StoreUnavailableError);
    if (error instanceof Error) expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/hidden/);
  }
});
