/** The embedded store keeps the contract of both stores, and its own promises: its folder, its clean-up. */

import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { insert, remove, removeAll, replace } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { openTables, type Tables } from '../../src/stores/embedded/tables.js';
import { clients } from '../../src/stores/records/client.js';
import { connections } from '../../src/stores/records/connection.js';
import { StoreUnavailableError } from '../../src/stores/stores.js';
import { volatileKind } from '../../src/stores/volatile.js';
import { describeClientAdapter, describeVolatileAdapters } from './contract/adapters.js';
import { describeDurableContract } from './contract/durable.js';
import { client, connection, HOUR } from './contract/fixtures.js';
import { later } from './contract/opened.js';
import { describeVolatileContract } from './contract/volatile.js';
import { type OpenedFolder, openInNewFolder } from './embeddedStores.js';

describeDurableContract('embedded', openInNewFolder);
describeVolatileContract('embedded', openInNewFolder);
describeVolatileAdapters('embedded', openInNewFolder);
describeClientAdapter('embedded', openInNewFolder);

describe('the embedded store', () => {
  const numbers = volatileKind('number', z.number());
  let opened: OpenedFolder;
  beforeEach(async () => {
    opened = await openInNewFolder();
  });
  afterEach(() => opened.close());

  const entriesLeft = ({ root: _, revision: __, ...tables }: Tables): number[] =>
    Object.values(tables).map((table) => table.getCount());
  const inTables = async <T>(read: (tables: Tables) => T): Promise<T> => {
    const tables = openTables(opened.folder);
    try {
      return read(tables);
    } finally {
      await tables.root.close();
    }
  };

  test('makes a folder that only its owner can enter', async () => {
    expect((await stat(opened.folder)).mode & 0o777).toBe(0o700);
  });

  test('says what to do when its folder cannot be made', async () => {
    const file = join(opened.folder, 'file');
    await writeFile(file, '');
    const failure = openEmbeddedStores(join(file, 'data'));
    await expect(failure).rejects.toThrow(StoreUnavailableError);
    await expect(failure).rejects.toThrow(/set DATA_DIR to another folder/);
  });

  test('estimates how many records a collection has', async () => {
    const { durable } = opened.stores;
    expect(await durable.estimate(connections)).toBe(0);
    await durable.commit([insert(clients, client('other')), insert(connections, connection('gone'))]);
    await durable.commit(['a', 'b'].map((id) => insert(connections, connection(id))));
    await durable.commit([remove(connections, 'gone')]);
    expect(await durable.estimate(connections)).toBe(2);
  });

  test('estimates a collection a little at a time, and lets others in between', async () => {
    const many = Array.from({ length: 4_001 }, (_, n) => insert(clients, client(`c${n}`)));
    await opened.stores.durable.commit(many);
    const others = new Promise((resolve) => setImmediate(resolve, 'somebody else'));
    const counted = opened.stores.durable.estimate(clients);
    expect(await Promise.race([counted, others])).toBe('somebody else');
    expect(await counted).toBe(4_001);
  });

  test('says that it cannot answer when its folder is gone or it was closed', async () => {
    await opened.stores.check();
    const elsewhere = join(await mkdtemp(join(tmpdir(), 'moved-')), 'data.d');
    await rename(opened.folder, elsewhere);
    await expect(opened.stores.check()).rejects.toThrow(StoreUnavailableError);
    await rename(elsewhere, opened.folder);
    await opened.stores.check();
    await opened.stores.close();
    await expect(opened.stores.check()).rejects.toThrow(opened.folder);
    await rm(join(elsewhere, '..'), { recursive: true });
  });

  test('finishes the commits under way before it closes', async () => {
    const commits = Array.from({ length: 20 }, (_, n) =>
      opened.stores.durable.commit([insert(clients, client(`c${n}`))]),
    );
    await opened.stores.close();
    await Promise.all(commits);
    expect(await (await opened.reopen()).durable.count(clients, 'byCreation', [])).toBe(20);
  });

  test('has nothing left of records and values once they are swept, however many', async () => {
    const { durable, volatile } = opened.stores;
    await durable.commit(Array.from({ length: 2_500 }, (_, n) => insert(connections, connection(`c${n}`))));
    await Promise.all(Array.from({ length: 1_200 }, (_, n) => volatile.set(numbers, `v${n}`, n, Date.now() + HOUR)));
    await volatile.set(numbers, 'v0', 0, Date.now() + HOUR / 2, 'group');
    await durable.commit([replace(connections, { ...connection('c0', { accountId: 'grace' }), revision: 1 })]);
    const indexed = 2_500 * Object.keys(connections.indexes).length;
    expect(await inTables(entriesLeft)).toEqual([2_500, indexed, 2_500, 1_200, 1_200, 1]);
    await later(2 * HOUR, async () => {
      await durable.sweep();
      await volatile.sweep();
    });
    expect(await inTables(entriesLeft)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('counts a revision up with every change that an introspection depends on, and with no other', async () => {
    const { durable, volatile, revision } = opened.stores;
    await durable.commit([insert(connections, connection('one')), insert(connections, connection('two'))]);
    const seen = [revision()];
    const change = async (work: () => Promise<unknown>): Promise<boolean> => {
      await work();
      opened.stores.beginRequest();
      seen.push(revision());
      return seen.at(-1) !== seen.at(-2);
    };
    const one = await durable.get(connections, 'one');
    expect(await change(() => durable.commit([insert(connections, connection('three'))]))).toBe(false);
    expect(await change(() => volatile.set(numbers, 'a token', 1, Date.now() + HOUR))).toBe(false);
    expect(await change(() => durable.commit(one ? [replace(connections, { ...one, status: 'active' })] : []))).toBe(
      true,
    );
    expect(await change(() => durable.commit([remove(connections, 'nothing')]))).toBe(false);
    expect(await change(() => durable.commit([remove(connections, 'one')]))).toBe(true);
    expect(await change(() => durable.commit([removeAll(connections, 'byAccount', ['ada'])]))).toBe(true);
    expect(new Set(seen).size).toBe(4);
  });

  test('counts the revision of a record up with its own changes, and hardly ever with those of others', async () => {
    const { durable, revision } = opened.stores;
    await durable.commit(Array.from({ length: 50 }, (_, n) => insert(connections, connection(`c${n}`))));
    const all = () => Array.from({ length: 50 }, (_, n) => revision(`c${n}`));
    const before = all();
    const changed = await durable.get(connections, 'c7');
    if (!changed) throw new Error('No connection c7.');
    await durable.commit([
      replace(connections, changed),
      remove(connections, 'c9'),
      insert(connections, connection('x')),
    ]);
    opened.stores.beginRequest();
    expect(all().flatMap((now, n) => (now === before[n] ? [] : [n]))).toEqual([7, 9]);
  });

  test('lets others run while it sweeps', async () => {
    const { durable } = opened.stores;
    await durable.commit(Array.from({ length: 3_000 }, (_, n) => insert(connections, connection(`c${n}`))));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    await later(2 * HOUR, () => durable.sweep());
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test('writes nothing of a commit that holds what JSON cannot, and goes on', async () => {
    const { durable } = opened.stores;
    const unwritable = durable.commit([insert(clients, client('a')), insert(clients, client('b', { big: 1n }))]);
    const beside = durable.commit([insert(clients, client('c'))]);
    await expect(unwritable).rejects.toThrow(/BigInt/);
    await beside;
    expect((await durable.list(clients, 'byCreation', [])).map(({ id }) => id)).toEqual(['c']);
  });
});
