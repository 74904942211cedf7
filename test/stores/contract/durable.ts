/** What every durable store must keep: reading by id and along an index, expiry, and whatever data a record holds. */
import { describe, expect, test } from '@jest/globals';
import { insert, remove, replace } from '../../../src/stores/durable.js';
import { accounts } from '../../../src/stores/records/account.js';
import { auditEvents } from '../../../src/stores/records/auditEvent.js';
import { clients } from '../../../src/stores/records/client.js';
import { connections } from '../../../src/stores/records/connection.js';
import { organizations } from '../../../src/stores/records/organization.js';
import { TEXT_BOUNDS } from '../../../src/textBounds.js';
import { describeCommitContract } from './commit.js';
import { describeFirstSignIns } from './firstSignIns.js';
import { account, client, connection, event, HOUR, type OpenStores, organization } from './fixtures.js';
import { later, newStoresForEachTest } from './opened.js';

/** Runs the suite on stores that `open` opens anew for each test. */
export function describeDurableContract(name: string, open: OpenStores): void {
  describeCommitContract(name, open);
  describeFirstSignIns(name, open);

  describe(`${name}: the durable store`, () => {
    const { durable, reopen } = newStoresForEachTest(open);
    const ids = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id);

    test('knows no record that was not inserted', async () => {
      expect(await durable().get(accounts, 'a')).toBeUndefined();
      expect(await durable().list(accounts, 'byEmail', [])).toEqual([]);
      expect(await durable().count(accounts, 'byEmail', ['a@example.com'])).toBe(0);
    });

    test('reads each of several records as one alone, in the order asked for', async () => {
      const over = connection('over', { keptUntil: Date.now() - 10 * HOUR });
      await durable().commit([
        insert(accounts, account('a')),
        insert(clients, client('c')),
        insert(organizations, organization('o')),
        insert(connections, over),
      ]);
      const found = await durable().getEach(
        [organizations, 'o'],
        [accounts, 'nobody'],
        [clients, 'c'],
        [connections, 'over'],
        [accounts, 'a'],
      );
      expect(found[4]).toEqual(await durable().get(accounts, 'a'));
      expect(found.map((record) => record?.id)).toEqual(['o', undefined, 'c', undefined, 'a']);
      expect(await durable().getEach()).toEqual([]);
    });

    test('reads several records as they are after a commit', async () => {
      await durable().commit([insert(accounts, account('a')), insert(organizations, organization('o'))]);
      const [before, there] = await durable().getEach([accounts, 'a'], [organizations, 'o']);
      if (!before || !there) throw new Error('Account a or organization o is not there.');
      await durable().commit([replace(accounts, { ...before, name: 'Another' }), remove(organizations, 'o')]);
      const [a, o] = await durable().getEach([accounts, 'a'], [organizations, 'o']);
      expect([a?.name, o]).toEqual(['Another', undefined]);
    });

    test('keeps collections apart', async () => {
      await durable().commit([insert(accounts, account('same')), insert(clients, client('same'))]);
      await durable().commit([remove(clients, 'same')]);
      expect(await durable().get(accounts, 'same')).toBeDefined();
    });

    test('gives no reader what another one can change', async () => {
      await durable().commit([insert(clients, client('a', { redirect_uris: ['https://a.example/'] }))]);
      for (const read of [
        () => durable().get(clients, 'a'),
        async () => (await durable().getEach([clients, 'a']))[0],
        async () => (await durable().list(clients, 'byCreation', []))[0],
      ]) {
        const first = await read();
        if (!first) throw new Error('No client a.');
        Reflect.set(first.metadata.redirect_uris as object, 0, 'https://b.example/');
        Reflect.set(first.metadata, 'redirect_uris', []);
        expect((await read())?.metadata).toEqual({ redirect_uris: ['https://a.example/'] });
      }
    });

    test('does not change with the object that was written', async () => {
      const mine = client('a', { list: [1] });
      const done = durable().commit([insert(clients, mine)]);
      mine.metadata.list = [2];
      await done;
      expect((await durable().get(clients, 'a'))?.metadata).toEqual({ list: [1] });
    });

    test('lists in the order of the remaining fields, then of the ids, and the other way round', async () => {
      await durable().commit([
        insert(connections, connection('d', { createdAt: 10 })),
        insert(connections, connection('a', { createdAt: 10 })),
        insert(connections, connection('c', { createdAt: 9 })),
        insert(connections, connection('b', { createdAt: 100 })),
        insert(connections, connection('p', { createdAt: 5, organizationId: 'beacon' })),
        insert(connections, connection('x', { accountId: 'grace' })),
      ]);
      expect(ids(await durable().list(connections, 'byMember', ['acme', 'ada']))).toEqual(['c', 'a', 'd', 'b']);
      expect(ids(await durable().list(connections, 'byAccount', ['ada']))).toEqual(['p', 'c', 'a', 'd', 'b']);
      const reverse = await durable().list(connections, 'byMember', ['acme', 'ada'], { reverse: true });
      expect(ids(reverse)).toEqual(['b', 'd', 'a', 'c']);
      expect(ids(await durable().list(connections, 'byMember', []))).toEqual(['c', 'a', 'd', 'b', 'x', 'p']);
      expect(ids(await durable().list(connections, 'byMember', ['acme', 'ada', 10]))).toEqual(['a', 'd']);
    });

    test('orders numbers by value, negative ones and zero included', async () => {
      const times = [0, -1, 3, 10, -10, 2 ** 52, 1_700_000_000_000];
      await durable().commit(times.map((createdAt) => insert(clients, { ...client(`c${createdAt}`), createdAt })));
      const listed = await durable().list(clients, 'byCreation', []);
      expect(listed.map(({ createdAt }) => createdAt)).toEqual([-10, -1, 0, 3, 10, 1_700_000_000_000, 2 ** 52]);
    });

    test('lists at most so many records, from either end', async () => {
      await durable().commit(['a', 'b', 'c', 'd'].map((id) => insert(connections, connection(id))));
      const list = async (limit: number, reverse: boolean) =>
        ids(await durable().list(connections, 'byAccount', ['ada'], { limit, reverse }));
      expect(await list(2, false)).toEqual(['a', 'b']);
      expect(await list(2, true)).toEqual(['d', 'c']);
      expect(await list(9, false)).toEqual(['a', 'b', 'c', 'd']);
    });

    test('goes on after a place in the list, in either direction, also when its record is gone', async () => {
      const made = [
        connection('a', { createdAt: 9 }),
        ...['b', 'c', 'd'].map((id) => connection(id, { createdAt: 10 })),
      ];
      await durable().commit([...made, connection('x', { accountId: 'grace' })].map((one) => insert(connections, one)));
      const behind = async (createdAt: number, id: string, reverse: boolean, limit = 9) =>
        ids(
          await durable().list(connections, 'byAccount', ['ada'], {
            after: { values: [createdAt], id },
            reverse,
            limit,
          }),
        );
      expect(await behind(10, 'b', false)).toEqual(['c', 'd']);
      expect(await behind(9, 'a', false, 2)).toEqual(['b', 'c']);
      expect(await behind(10, 'c', true)).toEqual(['b', 'a']);
      await durable().commit([remove(connections, 'c')]);
      expect(await behind(10, 'c', false)).toEqual(['d']);
      expect(await behind(10, 'c', true)).toEqual(['b', 'a']);
      expect(await behind(10, 'd', false)).toEqual([]);
      expect(await behind(9, 'a', true)).toEqual([]);
    });

    test('fills a limited list with records whose time is not over', async () => {
      const soon = { keptUntil: Date.now() + HOUR / 2 };
      await durable().commit(
        ['a', 'b', 'c', 'd', 'e'].map((id) => insert(connections, connection(id, 'ace'.includes(id) ? soon : {}))),
      );
      await later(HOUR * 0.75, async () => {
        expect(ids(await durable().list(connections, 'byAccount', ['ada'], { limit: 2 }))).toEqual(['b', 'd']);
        expect(await durable().count(connections, 'byAccount', ['ada'])).toBe(2);
      });
    });

    test('counts what it would list', async () => {
      await durable().commit(['a', 'b', 'c'].map((id) => insert(connections, connection(id))));
      await durable().commit([insert(connections, connection('p', { accountId: 'grace' }))]);
      expect(await durable().count(connections, 'byMember', ['acme', 'ada'])).toBe(3);
      expect(await durable().count(connections, 'byMember', ['acme'])).toBe(4);
      expect(await durable().count(connections, 'byMember', ['acm'])).toBe(0);
    });

    test('compares whole index values, never their beginnings', async () => {
      const names = ['a', 'a b', 'ab', 'a\u0000b', 'A'];
      await durable().commit(names.map((ownerId, n) => insert(organizations, organization(`o${n}`, { ownerId }))));
      for (const [n, ownerId] of names.entries()) {
        expect(ids(await durable().list(organizations, 'byOwner', [ownerId]))).toEqual([`o${n}`]);
      }
    });

    test('leaves a record out of an index one of whose fields it lacks', async () => {
      await durable().commit([insert(auditEvents, event('a', { accountId: 'ada' })), insert(auditEvents, event('b'))]);
      expect(ids(await durable().list(auditEvents, 'byAccount', []))).toEqual(['a']);
      expect(await durable().list(auditEvents, 'byOrganization', [])).toEqual([]);
    });

    test('moves index entries with a replaced record', async () => {
      await durable().commit([insert(connections, connection('a', { accountId: 'grace', createdAt: 5 }))]);
      await durable().commit([insert(connections, connection('b', { createdAt: 7 }))]);
      const a = await durable().get(connections, 'a');
      if (!a) throw new Error('No connection a.');
      await durable().commit([replace(connections, { ...a, accountId: 'ada', createdAt: 9 })]);
      expect(await durable().list(connections, 'byAccount', ['grace'])).toEqual([]);
      expect(ids(await durable().list(connections, 'byAccount', ['ada']))).toEqual(['b', 'a']);
    });

    test('takes a replaced record out of an index that it has no value for any more', async () => {
      await durable().commit([insert(auditEvents, event('a', { accountId: 'ada', organizationId: 'acme' }))]);
      const { revision = 0 } = (await durable().get(auditEvents, 'a')) ?? {};
      await durable().commit([replace(auditEvents, { ...event('a', { organizationId: 'acme' }), revision })]);
      expect(await durable().list(auditEvents, 'byAccount', [])).toEqual([]);
      expect(await durable().count(auditEvents, 'byOrganization', ['acme'])).toBe(1);
    });

    test('lists a removed record in no index, also when its id comes back with other values', async () => {
      await durable().commit([insert(connections, connection('a'))]);
      await durable().commit([remove(connections, 'a')]);
      expect(await durable().list(connections, 'byAccount', [])).toEqual([]);
      await durable().commit([insert(connections, connection('a', { accountId: 'grace' }))]);
      expect(await durable().count(connections, 'byAccount', ['ada'])).toBe(0);
      expect(await durable().count(connections, 'byAccount', [])).toBe(1);
    });

    test('does not show a record from the moment on when its time is over, without any sweep', async () => {
      const { now } = Date;
      const moment = now() + 1_000;
      await durable().commit([insert(connections, connection('a', { keptUntil: moment }))]);
      try {
        Date.now = () => moment - 1;
        expect(await durable().get(connections, 'a')).toBeDefined();
        expect(await durable().count(connections, 'byAccount', ['ada'])).toBe(1);
        Date.now = () => moment;
        expect(await durable().get(connections, 'a')).toBeUndefined();
        expect(await durable().list(connections, 'byAccount', ['ada'])).toEqual([]);
        expect(await durable().count(connections, 'byAccount', ['ada'])).toBe(0);
      } finally {
        Date.now = now;
      }
    });

    test('sweeps away records whose time is over and nothing else', async () => {
      await durable().commit([
        insert(connections, connection('over')),
        insert(connections, connection('prolonged')),
        insert(connections, connection('kept', { keptUntil: Date.now() + 9 * HOUR })),
        insert(accounts, account('a')),
      ]);
      const { revision = 0 } = (await durable().get(connections, 'prolonged')) ?? {};
      const kept = { ...connection('prolonged', { keptUntil: Date.now() + 9 * HOUR }), revision };
      await durable().commit([replace(connections, kept)]);
      await later(2 * HOUR, () => durable().sweep());
      // The clock is back: a record that is only hidden by its time would show again.
      expect(ids(await durable().list(connections, 'byAccount', []))).toEqual(['kept', 'prolonged']);
      expect(await durable().get(connections, 'over')).toBeUndefined();
      expect(await durable().get(accounts, 'a')).toBeDefined();
    });

    test('keeps whatever a record may hold', async () => {
      const metadata = {
        'a.b': 1,
        $set: { $where: '1' },
        '': '',
        unicode: 'Zoë 🤖 \u2028 \u0000 ﷽',
        numbers: [0, 1.5, -1e300, 2 ** 53 - 1],
        empty: [{}, [], null, false],
        deep: JSON.parse('{"__proto__":{"polluted":true},"constructor":"x"}') as unknown,
        // As large as a record's bound allows.
        large: 'x'.repeat(TEXT_BOUNDS.clientMetadata.most - 500),
      };
      await durable().commit([insert(clients, client('a', metadata))]);
      const read = await durable().get(clients, 'a');
      expect(read?.metadata).toEqual(metadata);
      expect(JSON.stringify(read?.metadata.deep)).toBe('{"__proto__":{"polluted":true},"constructor":"x"}');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    test('tells ids apart that are odd, long or alike', async () => {
      const long = 'https://client.example/'.padEnd(TEXT_BOUNDS.clientId.most - 1, 'x');
      const odd = ['a b', 'a.b', '$a', 'é', '🤖', 'a/b', 'A', '__proto__', 'constructor', long, `${long}y`, `${long}z`];
      await durable().commit(odd.map((id, n) => insert(clients, client(id, { n }))));
      for (const [n, id] of odd.entries()) expect((await durable().get(clients, id))?.metadata).toEqual({ n });
      expect(await durable().count(clients, 'byCreation', [])).toBe(odd.length);
      await durable().commit([remove(clients, `${long}y`)]);
      expect(await durable().get(clients, `${long}y`)).toBeUndefined();
      expect(await durable().get(clients, `${long}z`)).toBeDefined();
    });

    test('finds records by index values that are long or alike', async () => {
      const long = 'https://client.example/'.padEnd(TEXT_BOUNDS.clientId.most - 1, 'x');
      const names = [
        long,
        `${long}y`,
        '機'.repeat(200),
        `${'機'.repeat(199)}械`,
        `${'a'.repeat(80)}\u0000`,
        'a'.repeat(80),
      ];
      await durable().commit(names.map((clientId, n) => insert(connections, connection(`c${n}`, { clientId }))));
      for (const [n, clientId] of names.entries()) {
        expect(ids(await durable().list(connections, 'byOrganizationClient', ['acme', clientId]))).toEqual([`c${n}`]);
        expect(await durable().count(connections, 'byOrganizationClient', ['acme', clientId, 1])).toBe(1);
      }
    });

    test('keeps everything when it is closed and opened again', async () => {
      await durable().commit(['a', 'b'].map((id) => insert(connections, connection(id))));
      await durable().commit([insert(accounts, account('a')), remove(connections, 'b')]);
      const before = await durable().get(connections, 'a');
      const { durable: again } = await reopen();
      expect(await again.get(connections, 'a')).toEqual(before);
      expect(ids(await again.list(connections, 'byAccount', ['ada']))).toEqual(['a']);
      expect(await again.get(connections, 'b')).toBeUndefined();
      expect(ids(await again.list(accounts, 'byEmail', ['a@example.com']))).toEqual(['a']);
    });
  });
}
