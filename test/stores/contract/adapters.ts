/** What oidc-provider promises itself of an adapter, for the models that are kept here. */
import { describe, expect, test } from '@jest/globals';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ClientDocuments } from '../../../src/oauth/cimd/clientDocuments.js';
import { clientAdapter } from '../../../src/oauth/models/clientAdapter.js';
import { volatileAdapter } from '../../../src/oauth/models/volatileAdapter.js';
import type { OpenStores } from './fixtures.js';
import { later, newStoresForEachTest } from './opened.js';

const HOUR_SECONDS = 3_600;
const payload = (more: AdapterPayload = {}): AdapterPayload => ({ kind: 'model', accountId: 'ada', ...more });
const odd: AdapterPayload = {
  params: {
    'claims.with.dots': { $set: 1, 'a.b': ['c'] },
    nothing: null,
    text: `\u2028\ud83e\udd16${'x'.repeat(20_000)}`,
  },
};

/** Interactions and authorization codes: they may be lost and have an end. */
export function describeVolatileAdapters(name: string, open: OpenStores): void {
  describe.each(['interaction', 'authorization-code'])(`${name}: the adapter of kind %s`, (kind) => {
    const { volatile } = newStoresForEachTest(open);
    const adapter = (): Adapter => volatileAdapter(volatile(), kind);
    const found = async (id = 'one') => (await adapter().find(id)) ?? 'nothing';

    test('finds what was kept, with its id, as a fresh object each time', async () => {
      await adapter().upsert('one', payload({ jti: 'one', ...odd }), HOUR_SECONDS);
      const first = await adapter().find('one');
      expect(first).toEqual(payload({ jti: 'one', ...odd }));
      if (first) first.accountId = 'eve';
      expect(await found()).toEqual(payload({ jti: 'one', ...odd }));
      expect(await found('another')).toBe('nothing');
    });

    test('keeps the last of several, and its expiry', async () => {
      await adapter().upsert('one', payload(), HOUR_SECONDS);
      await adapter().upsert('one', payload({ accountId: 'grace' }), 2 * HOUR_SECONDS);
      await later(1.5 * HOUR_SECONDS * 1_000, async () => expect(await found()).toMatchObject({ accountId: 'grace' }));
      await adapter().upsert('one', payload(), HOUR_SECONDS);
      await later(1.5 * HOUR_SECONDS * 1_000, async () => expect(await found()).toBe('nothing'));
    });

    test('finds nothing from the end on, whatever has been cleaned up', async () => {
      await adapter().upsert('one', payload(), 60);
      await later(59_000, async () => expect(await found()).not.toBe('nothing'));
      await later(60_000, async () => expect(await found()).toBe('nothing'));
    });

    test('keeps what has no expiry', async () => {
      await adapter().upsert('one', payload(), undefined as unknown as number);
      await later(HOUR_SECONDS * 1_000, async () => expect(await found()).toMatchObject(payload()));
    });

    test('leaves out what is undefined', async () => {
      await adapter().upsert('one', payload({ result: undefined }), HOUR_SECONDS);
      expect(Object.keys((await adapter().find('one')) ?? {}).sort()).toEqual(['accountId', 'jti', 'kind']);
    });

    test('destroys one, also twice, and no other', async () => {
      for (const id of ['one', 'two']) await adapter().upsert(id, payload(), HOUR_SECONDS);
      for (const _ of [1, 2]) await adapter().destroy('one');
      expect(await found()).toBe('nothing');
      expect(await found('two')).not.toBe('nothing');
    });

    test('finds by its own id alone: nothing that is kept has a uid of its own or a user code', async () => {
      await adapter().upsert('one', payload({ uid: 'a-uid', userCode: 'a-code' }), HOUR_SECONDS);
      expect(await adapter().findByUid('a-uid')).toBeUndefined();
      expect(await adapter().findByUserCode('a-code')).toBeUndefined();
    });
  });
}

/** Clients, which last; nothing about them expires while they are used. */
export function describeClientAdapter(name: string, open: OpenStores): void {
  describe(`${name}: the adapter of clients`, () => {
    const { durable } = newStoresForEachTest(open);
    const adapter = (): Adapter => clientAdapter(durable(), { handles: () => false } as unknown as ClientDocuments);

    test('finds what was kept last, as a fresh object each time, and has no expiry', async () => {
      await adapter().upsert('dcr_1', { client_id: 'dcr_1', client_name: 'first', ...odd }, undefined as never);
      await adapter().upsert('dcr_1', { client_id: 'dcr_1', client_name: 'second', ...odd }, undefined as never);
      const client = { client_id: 'dcr_1', client_name: 'second', ...odd };
      const first = await adapter().find('dcr_1');
      expect(first).toEqual(client);
      if (first) first.client_name = 'third';
      await later(HOUR_SECONDS * 1_000, async () => expect(await adapter().find('dcr_1')).toEqual(client));
      expect(await adapter().find('dcr_2')).toBeUndefined();
    });
  });
}
