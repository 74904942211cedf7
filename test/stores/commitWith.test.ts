/** Volatile values that durable changes are worth nothing without: written with them, whichever stores there are. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { timedStores } from '../../src/metrics/timedStores.js';
import { commitWith } from '../../src/stores/commitWith.js';
import { ConflictError, insert, remove, replace } from '../../src/stores/durable.js';
import { openProductionStores } from '../../src/stores/openStores.js';
import { accounts } from '../../src/stores/records/account.js';
import { volatileKind } from '../../src/stores/volatile.js';
import { describeWith, sharedStores } from '../support/services.js';
import { account, HOUR, type OpenStores } from './contract/fixtures.js';
import { newStoresForEachTest } from './contract/opened.js';
import { openInNewFolder } from './embeddedStores.js';

const numbers = volatileKind('number', z.number());
const value = (key: string, number: number) => ({ kind: numbers, key, value: number, expiresAt: Date.now() + HOUR });

/**
 * @param operations what the metrics count of one
 */
function describeCommitWith(name: string, open: OpenStores, operations: readonly string[]): void {
  describe(`On ${name}, commitWith`, () => {
    const { stores, durable, volatile } = newStoresForEachTest(open);

    test('writes the values and makes the changes', async () => {
      await commitWith(stores(), [value('one', 1), value('two', 2)], [insert(accounts, account('a'))]);
      expect(await Promise.all(['one', 'two'].map((key) => volatile().get(numbers, key)))).toEqual([1, 2]);
      expect(await durable().get(accounts, 'a')).toMatchObject({ id: 'a' });
    });

    test('counts in the metrics for the store that it works on', async () => {
      const counted: string[] = [];
      const timed = timedStores(stores(), (store, operation) => () => void counted.push(`${store} ${operation}`));
      await commitWith(timed, [value('one', 1)], [insert(accounts, account('a'))]);
      expect(counted).toEqual(operations);
    });

    test('makes changes without a value', async () => {
      await commitWith(stores(), [], [insert(accounts, account('a'))]);
      expect(await durable().get(accounts, 'a')).toMatchObject({ id: 'a' });
    });

    test('changes nothing when a change conflicts', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      const before = await durable().get(accounts, 'a');
      const changes = [insert(accounts, account('b')), replace(accounts, { ...account('a'), revision: 7 })];
      await expect(commitWith(stores(), [value('one', 1)], changes)).rejects.toThrow(ConflictError);
      expect(await durable().get(accounts, 'a')).toEqual(before);
      expect(await durable().get(accounts, 'b')).toBeUndefined();
    });

    test('changes nothing when a value does not fit its kind', async () => {
      const unfit = { ...value('one', 1), value: 'one' as unknown as number };
      await expect(commitWith(stores(), [unfit], [insert(accounts, account('a'))])).rejects.toThrow();
      expect(await durable().get(accounts, 'a')).toBeUndefined();
      expect(await volatile().get(numbers, 'one')).toBeUndefined();
    });
  });
}

describeCommitWith('the embedded store', openInNewFolder, ['durable commit']);

describe('On the embedded store', () => {
  let opened: Awaited<ReturnType<typeof openInNewFolder>>;
  beforeEach(async () => {
    opened = await openInNewFolder();
  });
  afterEach(() => opened.close());

  test('a change that conflicts leaves no value behind either: both are one transaction', async () => {
    const conflict = replace(accounts, { ...account('nobody'), revision: 1 });
    await expect(commitWith(opened.stores, [value('one', 1)], [conflict])).rejects.toThrow(ConflictError);
    expect(await opened.stores.volatile.get(numbers, 'one')).toBeUndefined();
  });
});

(await describeWith('mongod', 'redis-server'))('On both servers', () => {
  let production: Awaited<ReturnType<typeof sharedStores>>;
  beforeAll(async () => {
    production = await sharedStores();
  });
  afterAll(() => production?.stop());

  const openBoth = async () => {
    const open = () => openProductionStores(production.mongodbUri, production.redisUrl, () => undefined);
    const stores = await open();
    await Promise.all(['a', 'b'].map((id) => stores.durable.commit([remove(accounts, id)])));
    await Promise.all(['one', 'two'].map((key) => stores.volatile.remove(numbers, key)));
    return { stores, reopen: open, close: () => stores.close() };
  };
  describeCommitWith('MongoDB and Redis', openBoth, ['volatile set', 'durable commit']);
});
