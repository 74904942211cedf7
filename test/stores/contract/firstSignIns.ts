/** What every durable store must keep about first sign-ins with an upstream: one identity is one account. */
import { describe, expect, test } from '@jest/globals';
import { accountOfIdentity } from '../../../src/accounts/upstream/accountOfIdentity.js';
import type { UpstreamIdentity } from '../../../src/accounts/upstream/identity.js';
import { insert } from '../../../src/stores/durable.js';
import { accounts } from '../../../src/stores/records/account.js';
import { organizations } from '../../../src/stores/records/organization.js';
import { account, type OpenStores } from './fixtures.js';
import { newStoresForEachTest } from './opened.js';

const identity = (subject: string): UpstreamIdentity => ({
  issuer: 'https://login.acme.example',
  subject,
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  authenticatedAt: undefined,
  claims: {},
});
const ORIGIN = { ip: '192.0.2.1' };

/** Runs the suite on stores that `open` opens anew for each test. */
export function describeFirstSignIns(name: string, open: OpenStores): void {
  describe(`${name}: first sign-ins with an upstream`, () => {
    const { stores, durable } = newStoresForEachTest(open);
    const signIns = (subjects: string[]) =>
      Promise.allSettled(subjects.map((subject) => accountOfIdentity(stores(), identity(subject), ORIGIN)));
    const ids = (outcomes: Awaited<ReturnType<typeof signIns>>) =>
      new Set(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : [])));

    test('of one identity at once make one account with one personal organization', async () => {
      const outcomes = await signIns(Array<string>(8).fill('ada'));
      expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'));
      expect(ids(outcomes).size).toBe(1);
      expect(await durable().count(accounts, 'byUpstream', ['https://login.acme.example', 'ada'])).toBe(1);
      expect(await durable().count(organizations, 'byName', [])).toBe(1);
    });

    test('finds the account that another one made between its two reads', async () => {
      let other: Promise<string> | undefined;
      const list = async (...asked: Parameters<ReturnType<typeof durable>['list']>) => {
        const found = await durable().list(...asked);
        other ??= accountOfIdentity(stores(), identity('ada'), ORIGIN).then(({ id }) => id);
        await other;
        return found;
      };
      const behind = { ...stores(), durable: Object.assign(Object.create(durable()), { list }) };
      const { id } = await accountOfIdentity(behind, identity('ada'), ORIGIN);
      expect(id).toBe(await other);
    });

    test('of several identities with one address at once link one of them', async () => {
      await durable().commit([insert(accounts, account('ada'))]);
      const outcomes = await signIns(['a', 'b', 'c', 'd']);
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.reason] : []));
      expect(refused).toEqual(['claimed', 'claimed', 'claimed']);
      expect(ids(outcomes)).toEqual(new Set(['ada']));
    });
  });
}
