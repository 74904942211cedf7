/** What every durable store must keep about commits: all or nothing, on the versions that were read. */
import { describe, expect, test } from '@jest/globals';
import type { Stored } from '../../../src/stores/collection.js';
import {
  type Change,
  ConflictError,
  type DurableStore,
  insert,
  remove,
  removeAll,
  replace,
  unchanged,
} from '../../../src/stores/durable.js';
import { type Account, accounts } from '../../../src/stores/records/account.js';
import { connections } from '../../../src/stores/records/connection.js';
import { type Member, memberId, members } from '../../../src/stores/records/member.js';
import { account, connection, HOUR, type OpenStores } from './fixtures.js';
import { later, newStoresForEachTest } from './opened.js';

/** Runs the suite on stores that `open` opens anew for each test. */
export function describeCommitContract(name: string, open: OpenStores): void {
  describe(`${name}: a commit`, () => {
    const { durable } = newStoresForEachTest(open);
    const conflicts = async (...changes: Change[]): Promise<void> => {
      await expect(durable().commit(changes)).rejects.toThrow(ConflictError);
    };
    const stored = async (store: DurableStore, id: string) => {
      const found = await store.get(accounts, id);
      if (!found) throw new Error(`No account ${id}.`);
      return found;
    };

    test('gives an inserted record a revision and adds one with every replacement', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      const { revision } = await stored(durable(), 'a');
      expect(Number.isSafeInteger(revision + 1_000_000)).toBe(true);
      expect(await durable().get(accounts, 'a')).toEqual({ ...account('a'), revision });
      await durable().commit([replace(accounts, { ...(await stored(durable(), 'a')), name: 'Grace' })]);
      const replaced = { ...account('a', { name: 'Grace' }), revision: revision + 1 };
      expect(await durable().get(accounts, 'a')).toEqual(replaced);
    });

    test.each([
      ['in two commits', false],
      ['in one commit', true],
    ])(
      'never gives a record that is removed and made again under its id a revision that it had: %s',
      async (_, together) => {
        const seen: Stored<Account>[] = [];
        for (let round = 0; round < 10; round++) {
          const again = [remove(accounts, 'a'), insert(accounts, account('a'))];
          for (const changes of together ? [again] : again.map((change) => [change])) await durable().commit(changes);
          const made = await stored(durable(), 'a');
          await durable().commit([replace(accounts, made)]);
          const replaced = await stored(durable(), 'a');
          for (const old of seen)
            for (const change of [replace, unchanged]) await conflicts(change(accounts, { ...old, name: 'Old' }));
          seen.push(made, replaced);
        }
        expect(new Set(seen.map(({ revision }) => revision)).size).toBe(seen.length);
        expect((await stored(durable(), 'a')).name).toBe(account('a').name);
      },
    );

    test('nor one that is made again after its time is over', async () => {
      await durable().commit([insert(connections, connection('a', { keptUntil: Date.now() + HOUR }))]);
      const old = await durable().get(connections, 'a');
      await later(2 * HOUR, async () => {
        await durable().commit([insert(connections, connection('a', { keptUntil: Date.now() + HOUR }))]);
        const made = await durable().get(connections, 'a');
        expect(made?.revision).not.toBe(old?.revision);
        if (old) await conflicts(replace(connections, { ...old, keptUntil: Date.now() + HOUR }));
      });
    });

    test('nor members, whose ids are those of the organization and the account', async () => {
      const id = memberId('org_a', 'acc_a');
      const roles: Member['roles'] = [{ role: 'account-admin' }];
      const given: Member = { id, organizationId: 'org_a', accountId: 'acc_a', roles, createdAt: 1 };
      await durable().commit([insert(members, given)]);
      const admin = await durable().get(members, id);
      await durable().commit([remove(members, id)]);
      await durable().commit([insert(members, given)]);
      if (!admin) throw new Error('not stored');
      await conflicts(unchanged(members, admin));
    });

    test('conflicts when a record to insert exists', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      await conflicts(insert(accounts, account('a', { email: 'other@example.com' })));
      expect((await stored(durable(), 'a')).email).toBe('a@example.com');
    });

    test.each([
      ['replace', replace],
      ['find unchanged', unchanged],
    ])('conflicts when a record to %s has another revision or is gone', async (_, change) => {
      await durable().commit([insert(accounts, account('a'))]);
      const old = await stored(durable(), 'a');
      await durable().commit([unchanged(accounts, old)]);
      await durable().commit([replace(accounts, { ...old, name: 'Grace' })]);
      await conflicts(change(accounts, { ...old, name: 'Linus' }));
      await durable().commit([remove(accounts, 'a')]);
      await conflicts(change(accounts, { ...old, revision: old.revision + 1 }));
      expect(await durable().get(accounts, 'a')).toBeUndefined();
    });

    test('conflicts when a record was removed and inserted again with other contents at the same revision or later', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      const { revision } = await stored(durable(), 'a');
      await durable().commit([replace(accounts, { ...account('a'), name: 'Grace', revision })]);
      await durable().commit([remove(accounts, 'a'), insert(accounts, account('a', { name: 'Linus' }))]);
      for (const old of [revision, revision + 1])
        await conflicts(replace(accounts, { ...account('a'), revision: old }));
    });

    test('that conflicts leaves nothing behind, whichever of its changes it was', async () => {
      await durable().commit([insert(accounts, account('a')), insert(accounts, account('b'))]);
      const [a, b] = [await stored(durable(), 'a'), await stored(durable(), 'b')];
      const others = [insert(accounts, account('c')), replace(accounts, { ...a, name: 'X' }), remove(accounts, 'b')];
      const stale = unchanged(accounts, { ...b, revision: b.revision + 7 });
      for (const changes of [
        [stale, ...others],
        [...others, stale],
      ]) {
        await conflicts(...changes);
        expect(await durable().list(accounts, 'byEmail', [])).toEqual([a, b]);
      }
    });

    test('names the unique index that already holds the value', async () => {
      await durable().commit([insert(accounts, account('a')), insert(accounts, account('b'))]);
      const error = { collection: 'accounts', index: 'byEmail' };
      const b = { ...(await stored(durable(), 'b')), email: 'a@example.com' };
      await expect(durable().commit([replace(accounts, b)])).rejects.toMatchObject(error);
      const c = account('c', { email: 'a@example.com' });
      await expect(durable().commit([insert(accounts, c)])).rejects.toMatchObject(error);
      const twins = ['d', 'e'].map((id) => insert(accounts, account(id, { email: 'twin@example.com' })));
      await expect(durable().commit(twins)).rejects.toMatchObject(error);
      expect(await durable().count(accounts, 'byEmail', [])).toBe(2);
    });

    test('may give a unique value to another record once its holder has let it go', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      await durable().commit([replace(accounts, { ...(await stored(durable(), 'a')), email: 'new@example.com' })]);
      await durable().commit([insert(accounts, account('b', { email: 'a@example.com' }))]);
      await durable().commit([remove(accounts, 'b'), insert(accounts, account('c', { email: 'a@example.com' }))]);
      expect((await durable().list(accounts, 'byEmail', ['a@example.com'])).map(({ id }) => id)).toEqual(['c']);
    });

    test('replaces a record that keeps its unique value', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      await durable().commit([replace(accounts, { ...(await stored(durable(), 'a')), name: 'Grace' })]);
      expect((await stored(durable(), 'a')).name).toBe('Grace');
    });

    test('has one winner among 50 that replace the same version', async () => {
      await durable().commit([insert(accounts, account('a'))]);
      const a = await stored(durable(), 'a');
      const attempts = Array.from({ length: 50 }, (_, n) =>
        durable().commit([replace(accounts, { ...a, name: `N${n}` })]),
      );
      const outcomes = await Promise.allSettled(attempts);
      const winners = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ConflictError);
      }
      expect(await stored(durable(), 'a')).toMatchObject({ revision: a.revision + 1, name: `N${winners[0]}` });
    });

    test('has one winner among 50 that insert the same id, and among 50 that insert the same unique value', async () => {
      const winners = async (record: (n: number) => ReturnType<typeof account>): Promise<number> => {
        const attempts = Array.from({ length: 50 }, (_, n) => durable().commit([insert(accounts, record(n))]));
        return (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled').length;
      };
      expect(await winners((n) => account('same', { email: `${n}@example.com` }))).toBe(1);
      expect(await winners((n) => account(`id${n}`, { email: 'same@example.com' }))).toBe(1);
    });

    test('lets commits that meet no conflict through beside those that do', async () => {
      await durable().commit([insert(accounts, account('taken'))]);
      const attempts = Array.from({ length: 20 }, (_, n) =>
        durable().commit([insert(accounts, n % 2 ? account('taken') : account(`free${n}`))]),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(attempts.map((_, n) => n % 2 === 0));
      expect(await durable().count(accounts, 'byEmail', [])).toBe(11);
    });

    test('is visible to reads once it has resolved', async () => {
      for (let n = 0; n < 20; n += 1) {
        await durable().commit([insert(accounts, account(`a${n}`))]);
        expect(await durable().get(accounts, `a${n}`)).toBeDefined();
      }
    });

    test('says how many records it took away', async () => {
      await durable().commit(['a', 'b', 'c'].map((id) => insert(connections, connection(id))));
      expect(await durable().commit([remove(connections, 'a'), remove(connections, 'nobody')])).toEqual({ removed: 1 });
      expect(await durable().commit([removeAll(connections, 'byAccount', ['ada'])])).toEqual({ removed: 2 });
      expect(await durable().commit([removeAll(connections, 'byAccount', ['ada'])])).toEqual({ removed: 0 });
      expect(await durable().commit([])).toEqual({ removed: 0 });
    });

    test('removes all records under the first values of an index and no others', async () => {
      await durable().commit([
        insert(connections, connection('mine')),
        insert(connections, connection('mine-later', { createdAt: 2 })),
        insert(connections, connection('grace', { accountId: 'grace' })),
        insert(connections, connection('similar', { accountId: 'ada2' })),
        insert(connections, connection('elsewhere', { organizationId: 'beacon' })),
      ]);
      const left = async () =>
        (await durable().list(connections, 'byOrganizationClient', [])).map(({ id }) => id).sort();
      expect(await durable().commit([removeAll(connections, 'byMember', ['acme', 'ada', 2])])).toEqual({
        removed: 1,
      });
      expect(await left()).toEqual(['elsewhere', 'grace', 'mine', 'similar']);
      expect(await durable().commit([removeAll(connections, 'byMember', ['acme', 'ada'])])).toEqual({ removed: 1 });
      expect(await left()).toEqual(['elsewhere', 'grace', 'similar']);
    });

    test('applies its changes in their order, each seeing the ones before', async () => {
      const done = await durable().commit([
        insert(connections, connection('a')),
        insert(connections, connection('b')),
        removeAll(connections, 'byAccount', ['ada']),
        insert(connections, connection('a', { scope: 'write' })),
        insert(connections, connection('c')),
        remove(connections, 'c'),
      ]);
      expect(done).toEqual({ removed: 3 });
      expect(await durable().list(connections, 'byAccount', ['ada'])).toEqual([
        expect.objectContaining({ id: 'a', scope: 'write' }),
      ]);
      await conflicts(insert(connections, connection('d')), insert(connections, connection('d')));
      const a = await durable().get(connections, 'a');
      if (!a) throw new Error('No connection a.');
      await conflicts(remove(connections, 'a'), unchanged(connections, a));
    });

    test('marks a connection as replaced together with the one that becomes active, or neither', async () => {
      const pending = connection('new', { status: 'pending', replaces: ['old', 'gone'] });
      await durable().commit([insert(connections, connection('old')), insert(connections, pending)]);
      const [old, waiting, gone] = await durable().getEach(
        [connections, 'old'],
        [connections, 'new'],
        [connections, 'gone'],
      );
      if (!old || !waiting || gone) throw new Error('Not the connections that were inserted.');
      expect(waiting.replaces).toEqual(['old', 'gone']);
      const { replaces: _, ...rest } = waiting;
      const replacement = [
        replace(connections, { ...rest, status: 'active' as const }),
        replace(connections, { ...old, replacedBy: 'new', replacedAt: 5 }),
      ];
      await durable().commit([replace(connections, { ...old, scope: 'write' })]);
      await conflicts(...replacement);
      expect(await durable().get(connections, 'new')).toEqual(waiting);
      const changed = await durable().get(connections, 'old');
      if (!changed) throw new Error('No connection old.');
      const [activation] = replacement;
      if (!activation) throw new Error('Nothing to commit.');
      await durable().commit([activation, replace(connections, { ...changed, replacedBy: 'new', replacedAt: 5 })]);
      const [after] = await durable().list(connections, 'byAccount', ['ada'], { reverse: true, limit: 1 });
      expect(after).toMatchObject({ id: 'old', scope: 'write', replacedBy: 'new', replacedAt: 5 });
      expect(await durable().get(connections, 'new')).not.toHaveProperty('replaces');
    });

    test('moves a record that it replaces out of the reach of a later removeAll, and into it', async () => {
      await durable().commit([insert(connections, connection('a')), insert(connections, connection('b'))]);
      const read = async (id: string) => {
        const found = await durable().get(connections, id);
        if (!found) throw new Error(`No connection ${id}.`);
        return found;
      };
      const [a, b] = [await read('a'), await read('b')];
      const done = await durable().commit([
        replace(connections, { ...a, accountId: 'grace' }),
        removeAll(connections, 'byAccount', ['ada']),
      ]);
      expect(done).toEqual({ removed: 1 });
      expect(await durable().get(connections, b.id)).toBeUndefined();
      expect(await read('a')).toMatchObject({ accountId: 'grace', revision: a.revision + 1 });
    });

    test('refuses a record that does not fit its collection and writes nothing', async () => {
      const wrong = { ...account('b'), name: '' };
      await expect(durable().commit([insert(accounts, account('a')), insert(accounts, wrong)])).rejects.toThrow();
      const extra = { ...account('c'), password: 'clear' };
      await expect(durable().commit([insert(accounts, extra)])).rejects.toThrow();
      expect(await durable().count(accounts, 'byEmail', [])).toBe(0);
    });

    test('stores a record as its schema parses it', async () => {
      await durable().commit([insert(accounts, account('a', { email: ' Ada@Example.COM ' }))]);
      expect((await stored(durable(), 'a')).email).toBe('ada@example.com');
      expect(await durable().count(accounts, 'byEmail', ['ada@example.com'])).toBe(1);
    });

    test('treats a record whose time is over as absent', async () => {
      await durable().commit([insert(connections, connection('a')), insert(connections, connection('b'))]);
      const a = await durable().get(connections, 'a');
      if (!a) throw new Error('No connection a.');
      await later(2 * HOUR, async () => {
        await conflicts(replace(connections, { ...a, keptUntil: Date.now() + HOUR }));
        await conflicts(unchanged(connections, a));
        expect(await durable().commit([remove(connections, 'b')])).toEqual({ removed: 0 });
        expect(await durable().commit([removeAll(connections, 'byAccount', ['ada'])])).toEqual({ removed: 0 });
        await durable().commit([insert(connections, connection('a', { accountId: 'grace' }))]);
        expect(await durable().list(connections, 'byAccount', [])).toEqual([
          expect.objectContaining({ id: 'a', accountId: 'grace' }),
        ]);
      });
    });
  });
}
