import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAccount } from '../../src/accounts/createAccount.js';
import { endAllSessions, sessionsOf } from '../../src/accounts/ownSessions.js';
import { accountToReset, newPasswordReset, resetPassword } from '../../src/accounts/passwordReset.js';
import { verifyPassword } from '../../src/accounts/passwords.js';
import { findSession, renewSession, startSession } from '../../src/accounts/sessions.js';
import { setPassword } from '../../src/accounts/setPassword.js';
import { type Account, accounts } from '../../src/stores/records/account.js';
import type { Stores } from '../../src/stores/stores.js';
import { later } from '../stores/contract/opened.js';
import { type OpenedFolder, openInNewFolder } from '../stores/embeddedStores.js';

const HOUR = 3_600_000;
const operator = { kind: 'operator' } as const;
const device = { ip: '192.0.2.1', userAgent: 'test' };
let folder: OpenedFolder;
let stores: Stores;
let account: Account;

beforeEach(async () => {
  folder = await openInNewFolder();
  stores = folder.stores;
  ({ account } = await createAccount(stores, operator, {
    email: 'ada@example.com',
    name: 'Ada',
    password: 'an old one',
  }));
});
afterEach(() => folder.close());

const signIn = async () => (await startSession(stores, account, 3_600, device)).sessionId;
const signedIn = async (id: string) => {
  const found = await findSession(stores, id);
  if (!found) throw new Error('Nobody is signed in.');
  return found;
};
const isSignedIn = async (id: string) => (await findSession(stores, id)) !== undefined;

describe('sign-in sessions', () => {
  test('end all at once, but for the one that is given a new id', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    const person = await signedIn(mine);
    const after = await endAllSessions(stores, operator, person);
    if (!after) throw new Error('The session that asks is good.');
    const { sessionId } = await renewSession(stores, person, after);
    expect(await Promise.all([mine, other, sessionId].map(isSignedIn))).toEqual([false, false, true]);
    const listed = await sessionsOf(stores, await signedIn(sessionId));
    expect(listed.map(({ own }) => own)).toEqual([true]);
  });

  test('that is over cannot end the others', async () => {
    const [mine, other] = [await signedIn(await signIn()), await signedIn(await signIn())];
    const after = await endAllSessions(stores, operator, mine);
    expect(after).toBeDefined();
    expect(await endAllSessions(stores, operator, other)).toBeUndefined();
  });

  test('is over at once when the password changed while it was being typed', async () => {
    await setPassword(stores, operator, account.id, 'a new password');
    expect(await isSignedIn(await signIn())).toBe(false);
  });

  test('is noted as seen every five minutes at most', async () => {
    const mine = await signIn();
    const seenAt = async () => (await sessionsOf(stores, await signedIn(mine)))[0]?.lastSeenAt ?? 0;
    const first = await seenAt();
    await later(HOUR / 30, async () => expect(await seenAt()).toBe(first));
    await later(HOUR / 2, async () => expect((await seenAt()) - first).toBeGreaterThanOrEqual(HOUR / 2));
  });

  test('the new password counts only for whoever knew the one before', async () => {
    await setPassword(stores, operator, account.id, 'a new password', account.passwordHash);
    const again = setPassword(stores, operator, account.id, 'another password', account.passwordHash);
    await expect(again).rejects.toThrow('changed a moment ago');
  });
});

describe('a forgotten password', () => {
  const token = async () => (await newPasswordReset(stores, ' ADA@example.com '))?.token ?? 'none';

  test('is replaced once; all sessions and older links end, and the address is verified', async () => {
    const mine = await signIn();
    const first = await token();
    const second = await later(2 * 60_000, token);
    const attempts = await Promise.all(
      ['new one'.padEnd(9, '!'), 'new two'.padEnd(9, '!')].map((password) =>
        resetPassword(stores, second, password, '192.0.2.1'),
      ),
    );
    expect(attempts.filter(Boolean)).toHaveLength(1);
    expect(await accountToReset(stores, first)).toBeUndefined();
    expect(await resetPassword(stores, first, 'another password', '192.0.2.1')).toBeUndefined();
    expect(await isSignedIn(mine)).toBe(false);
    expect((await stores.durable.get(accounts, account.id))?.emailVerified).toBe(true);
  });

  test('needs a password that is accepted; the link stays good', async () => {
    const link = await token();
    await expect(resetPassword(stores, link, 'short', '192.0.2.1')).rejects.toThrow('at least 8');
    const after = await resetPassword(stores, link, 'long enough', '192.0.2.1');
    expect(await verifyPassword(after?.passwordHash, 'long enough')).toBe(true);
  });

  test('can be replaced for an hour', async () => {
    const link = await token();
    await later(HOUR - 1_000, async () => expect(await accountToReset(stores, link)).toBeDefined());
    await later(HOUR, async () => expect(await accountToReset(stores, link)).toBeUndefined());
  });

  test('gives a link a minute, and none for an address without account', async () => {
    expect(await newPasswordReset(stores, account.email)).toBeDefined();
    expect(await newPasswordReset(stores, account.email)).toBeUndefined();
    expect(await newPasswordReset(stores, 'nobody@example.com')).toBeUndefined();
    expect(await newPasswordReset(stores, 'no address')).toBeUndefined();
  });

  test('a link ends when the password is changed otherwise', async () => {
    const link = await token();
    await setPassword(stores, operator, account.id, 'changed otherwise');
    expect(await accountToReset(stores, link)).toBeUndefined();
  });
});
