/** The embedded store keeps the contract of both stores, and its own promises: its folder, its clean-up. */

import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { newToken, timeDigits } from '../../src/ids.js';
import { accessTokens } from '../../src/oauth/tokens/accessToken.js';
import { newRefreshToken } from '../../src/oauth/tokens/refreshToken.js';
import { insert, remove, removeAll, replace } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { countUp } from '../../src/stores/embedded/revisions.js';
import { openTables, type Tables, write } from '../../src/stores/embedded/tables.js';
import { clients } from '../../src/stores/records/client.js';
import { connections } from '../../src/stores/records/connection.js';
import { type RefreshReplay, refreshReplays, refreshTokens, replayId } from '../../src/stores/records/refreshToken.js';
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

  const entriesLeft = ({ root: _, revision: __, changes: ___, ...tables }: Tables): number[] =>
    Object.values(tables).map((table) => table.getCount());
  const inTables = async <T>(read: (tables: Tables) => T | Promise<T>): Promise<T> => {
    const tables = openTables(opened.folder);
    try {
      return await read(tables);
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
    const { revision = 0 } = (await durable.get(connections, 'c0')) ?? {};
    await durable.commit([replace(connections, { ...connection('c0', { accountId: 'grace' }), revision })]);
    const indexed = 2_500 * Object.keys(connections.indexes).length;
    expect(await inTables(entriesLeft)).toEqual([2_500, indexed, 2_500, 1_200, 0, 1_200, 1]);
    await later(2 * HOUR, async () => {
      await durable.sweep();
      await volatile.sweep();
    });
    expect(await inTables(entriesLeft)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('needs one entry for a refresh token, a kept response or an access token, and sweeps them by their times', async () => {
    const { durable, volatile } = opened.stores;
    const [now, DAY] = [Date.now(), 24 * HOUR];
    const of = (keptUntil: number) => newRefreshToken(connection('c', { expiresAt: keptUntil })).record;
    const replay = (keptUntil: number): RefreshReplay => ({
      id: replayId(of(keptUntil).id, keptUntil),
      sealedResponse: '',
      keptUntil,
    });
    const token = { connectionId: 'c', accountId: 'a', organizationId: 'o', clientId: 'x', audience: 'r', scope: '' };
    const live = { ...token, issuedAt: 0, expiresAt: 0 };
    await durable.commit([
      ...Array.from({ length: 600 }, () => insert(refreshTokens, of(now + HOUR))),
      insert(refreshTokens, of(now + 31 * DAY)),
      ...Array.from({ length: 600 }, () => insert(refreshReplays, replay(now + 30_000))),
      insert(refreshReplays, replay(now + 300_000)),
    ]);
    const ends = [...Array<number>(600).fill(now + HOUR), now + 40 * DAY];
    await Promise.all(ends.map((end) => volatile.set(accessTokens, newToken(end), live, end)));
    expect(await inTables(entriesLeft)).toEqual([1_202, 0, 0, 0, 601, 0, 0]);
    const sweptAt = async (time: number) =>
      later(time - now, async () => {
        await durable.sweep();
        await volatile.sweep();
        return inTables(entriesLeft);
      });
    expect(await sweptAt(now + 29_000)).toEqual([1_202, 0, 0, 0, 601, 0, 0]);
    expect(await sweptAt(now + 31_000)).toEqual([602, 0, 0, 0, 601, 0, 0]);
    expect(await sweptAt(now + 302_000)).toEqual([601, 0, 0, 0, 601, 0, 0]);
    expect(await sweptAt(now + HOUR + 1_000)).toEqual([601, 0, 0, 0, 1, 0, 0]);
    expect(await sweptAt(now + 31 * DAY - 1_000)).toEqual([601, 0, 0, 0, 1, 0, 0]);
    expect(await sweptAt(now + 31 * DAY + 2_000)).toEqual([0, 0, 0, 0, 1, 0, 0]);
  });

  test('sweeps nothing away before its time, whatever the time in its key says', async () => {
    const { durable, volatile } = opened.stores;
    const made = Date.now() - 40 * 24 * HOUR;
    const { record } = newRefreshToken(connection('c'));
    const odd = { ...record, id: timeDigits(made) + record.id.slice(9) };
    await durable.commit([insert(refreshTokens, odd)]);
    const token = { connectionId: 'c', accountId: 'a', organizationId: 'o', clientId: 'x', audience: 'r', scope: '' };
    const key = newToken(made);
    await volatile.set(accessTokens, key, { ...token, issuedAt: 0, expiresAt: 0 }, Date.now() + HOUR);
    await durable.sweep();
    await volatile.sweep();
    expect(await durable.get(refreshTokens, odd.id)).toBeDefined();
    expect(await volatile.get(accessTokens, key)).toBeDefined();
  });

  test('makes its indexes anew when a version that declared others has written it', async () => {
    const { durable } = opened.stores;
    const ids = Array.from({ length: 4_001 }, (_, n) => `c${String(n).padStart(4, '0')}`);
    await durable.commit(ids.map((id) => insert(connections, connection(id))));
    await opened.stores.close();
    await inTables(({ root, indexes }) =>
      root.transaction(() => {
        for (const key of [...indexes.getKeys()]) void indexes.remove(key);
        void indexes.put(['connections', 'byAccount', 'ada', 'active', 1, 'a'], 'a');
        void root.put('declaredIndexes', 'others');
      }),
    );
    const again = await opened.reopen();
    expect((await again.durable.list(connections, 'byAccount', ['ada'])).map(({ id }) => id)).toEqual(ids);
    expect(await again.durable.count(connections, 'byAccount', [])).toBe(4_001);
    expect((await inTables(entriesLeft))[1]).toBe(4_001 * Object.keys(connections.indexes).length);
  });

  test('shows what another process changed or removed, however often the record was read before', async () => {
    const { durable, beginRequest } = opened.stores;
    const other = await openEmbeddedStores(opened.folder);
    const read = async () => {
      beginRequest();
      return durable.get(connections, 'a');
    };
    try {
      await durable.commit([insert(connections, connection('a', { status: 'pending' }))]);
      for (const change of [{ status: 'active' }, { scope: 'write' }, { clientName: 'Other' }] as const) {
        for (let times = 0; times < 3; times += 1) expect(await read()).not.toMatchObject(change);
        other.beginRequest();
        const before = await other.durable.get(connections, 'a');
        if (!before) throw new Error('The other does not see it.');
        await other.durable.commit([replace(connections, { ...before, ...change })]);
        expect(await read()).toMatchObject(change);
      }
      await other.durable.commit([remove(connections, 'a')]);
      expect(await read()).toBeUndefined();
      await other.durable.commit([insert(connections, connection('a', { accountId: 'grace' }))]);
      expect(await read()).toMatchObject({ accountId: 'grace' });
    } finally {
      await other.close();
    }
  });

  test('shows nothing that was swept away while the clock was ahead', async () => {
    const { durable } = opened.stores;
    await durable.commit([insert(connections, connection('a'))]);
    expect(await durable.get(connections, 'a')).toBeDefined();
    await later(2 * HOUR, () => durable.sweep());
    expect(await durable.get(connections, 'a')).toBeUndefined();
  });

  test('keeps in memory no record that is long, whoever may write such ones', async () => {
    const { durable } = opened.stores;
    const kept = async (length: number) => {
      const id = `dcr_${length}`;
      await durable.commit([insert(clients, client(id, { software_id: 'a'.repeat(length) }))]);
      const [first, second] = [await durable.get(clients, id), await durable.get(clients, id)];
      return first === second;
    };
    expect(await kept(3_000)).toBe(true);
    expect(await kept(4_000)).toBe(false);
  });

  test('shows what has the id of a record that was read, expired and was swept away', async () => {
    const { durable } = opened.stores;
    await durable.commit([insert(connections, connection('a', { keptUntil: Date.now() + 1_000 }))]);
    expect(await durable.get(connections, 'a')).toBeDefined();
    await later(HOUR, async () => {
      await durable.sweep();
      await durable.commit([
        insert(connections, connection('a', { accountId: 'grace', keptUntil: Date.now() + HOUR })),
      ]);
      expect(await durable.get(connections, 'a')).toMatchObject({ accountId: 'grace' });
    });
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
    await durable.commit([insert(connections, connection('waiting', { status: 'pending' }))]);
    const waiting = await durable.get(connections, 'waiting');
    if (!waiting) throw new Error('It is not there.');
    expect(await change(() => durable.commit([replace(connections, { ...waiting, status: 'active' })]))).toBe(false);
    expect(await change(() => durable.commit([remove(connections, 'nothing')]))).toBe(false);
    expect(await change(() => durable.commit([remove(connections, 'one')]))).toBe(true);
    expect(await change(() => durable.commit([removeAll(connections, 'byAccount', ['ada'])]))).toBe(true);
    expect(new Set(seen).size).toBe(4);
  });

  test('knows which records changed since a revision, hardly ever others', async () => {
    const { durable, revision, changedSince } = opened.stores;
    await durable.commit(Array.from({ length: 50 }, (_, n) => insert(connections, connection(`c${n}`))));
    const c7 = await durable.get(connections, 'c7');
    if (!c7) throw new Error('No connection c7.');
    const before = revision() ?? 0;
    await durable.commit([replace(connections, c7), remove(connections, 'c9'), insert(connections, connection('x'))]);
    opened.stores.beginRequest();
    revision();
    const changed = (since: number) =>
      Array.from({ length: 50 }, (_, n) => n).filter((n) => changedSince(since, [`c${n}`]));
    expect(changed(before)).toEqual([7, 9]);
    expect(changedSince(before, ['c1', 'c2', 'c9'])).toBe(true);
    expect(changed(revision() ?? 0)).toEqual([]);
  });

  test.each([
    ['as many changes as it keeps notes of', 1_024, [2, 3]],
    ['one more, and takes everything for changed', 1_025, [0, 1, 2, 3]],
  ])('knows which records changed after %s', async (_, changes, expected) => {
    const { durable, revision, changedSince } = opened.stores;
    await durable.commit(Array.from({ length: 4 }, (_, n) => insert(connections, connection(`c${n}`))));
    const before = revision() ?? 0;
    // In one transaction, as when others commit at once; nobody looks between them.
    await inTables((tables) =>
      write(tables, () => {
        for (let n = 0; n < changes; n += 1) countUp(tables, [`c${2 + (n % 2)}`]);
      }),
    );
    opened.stores.beginRequest();
    revision();
    expect([0, 1, 2, 3].filter((n) => changedSince(before, [`c${n}`]))).toEqual(expected);
    expect([0, 1, 2, 3].filter((n) => changedSince(revision() ?? 0, [`c${n}`]))).toEqual([]);
  });

  test('sweeps more than it keeps notes of, and takes nothing else for changed', async () => {
    const { durable, revision, changedSince } = opened.stores;
    const soon = { keptUntil: Date.now() + HOUR };
    await durable.commit(Array.from({ length: 1_100 }, (_, n) => insert(connections, connection(`c${n}`, soon))));
    await durable.commit([insert(connections, connection('stays', { keptUntil: Date.now() + 9 * HOUR }))]);
    const before = revision() ?? 0;
    await later(2 * HOUR, () => durable.sweep());
    opened.stores.beginRequest();
    revision();
    expect(changedSince(before, ['c0'])).toBe(true);
    expect(changedSince(before, ['c1099'])).toBe(true);
    expect(changedSince(before, ['stays'])).toBe(false);
  });

  test('is looked at without the table of changes that an older version of it does not have', async () => {
    await opened.stores.durable.commit([insert(connections, connection('a'))]);
    await inTables(({ changes }) => changes?.drop());
    const seen = await openEmbeddedStores(opened.folder, true);
    try {
      const a = await seen.durable.get(connections, 'a');
      if (!a) throw new Error('No connection a.');
      await opened.stores.durable.commit([replace(connections, { ...a, scope: 'write' })]);
      seen.beginRequest();
      expect(await seen.durable.get(connections, 'a')).toMatchObject({ scope: 'write' });
    } finally {
      await seen.close();
    }
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
