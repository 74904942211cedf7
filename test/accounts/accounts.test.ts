import { describe, expect, test } from '@jest/globals';
import { createAccount } from '../../src/accounts/createAccount.js';
import { accountByEmail, accountByEmailOrId, accountById } from '../../src/accounts/findAccount.js';
import { hashPassword, verifyPassword } from '../../src/accounts/passwords.js';
import { putAccount } from '../../src/accounts/putAccount.js';
import { removeAccount } from '../../src/accounts/removeAccount.js';
import { setPassword } from '../../src/accounts/setPassword.js';
import { addMember } from '../../src/organizations/addMember.js';
import { createOrganization } from '../../src/organizations/createOrganization.js';
import { memberOf } from '../../src/organizations/findOrganization.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { auditEvents } from '../../src/stores/records/auditEvent.js';
import { organizations } from '../../src/stores/records/organization.js';
import { operator, storesOfEachTest } from '../organizations/demoStores.js';

const stores = storesOfEachTest('demo');
const eventsOf = (accountId: string) => stores().durable.list(auditEvents, 'byAccount', [accountId]);
const joan = { email: 'joan@example.com', name: 'Joan Clarke' };

describe('creating an account', () => {
  test('also makes its personal organization, of which it is the owner', async () => {
    const { account, organization } = await createAccount(stores(), operator, { ...joan, password: 'correct horse' });
    expect(organization).toMatchObject({
      name: 'Joan Clarke (personal)',
      personal: true,
      ownerId: account.id,
      mcpAccess: true,
    });
    expect(await memberOf(stores().durable, organization.id, account.id)).toMatchObject({
      roles: [{ role: 'account-owner' }],
    });
    expect(await stores().durable.get(organizations, organization.id)).toMatchObject(organization);
    expect(await eventsOf(account.id)).toMatchObject([{ action: 'account.created', organizationId: organization.id }]);
  });

  test('stores the password as a hash only', async () => {
    const { account } = await createAccount(stores(), operator, { ...joan, password: 'correct horse' });
    const stored = await accountById(stores().durable, account.id);
    expect(JSON.stringify([stored, await eventsOf(account.id)])).not.toContain('correct horse');
    expect(await verifyPassword(stored?.passwordHash, 'correct horse')).toBe(true);
  });

  test('without a password nobody can sign in with one', async () => {
    const { account } = await createAccount(stores(), operator, joan);
    expect(account).not.toHaveProperty('passwordHash');
  });

  test('does not take the address for verified', async () => {
    expect((await createAccount(stores(), operator, joan)).account.emailVerified).toBe(false);
  });

  test('is refused for an address that has an account, in whatever case', async () => {
    await expect(createAccount(stores(), operator, { ...joan, email: ' ADA@example.com' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await accountByEmail(stores().durable, 'ada@example.com'))?.name).toBe('Ada Lovelace');
  });

  test('of many at once with the same address, one is created', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => createAccount(stores(), operator, joan)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
  });

  test.each([
    ['a bad address', { ...joan, email: 'joan' }],
    ['an empty name', { ...joan, name: ' ' }],
    ['a short password', { ...joan, password: 'short' }],
  ])('is refused with %s', async (_what, fields) => {
    await expect(createAccount(stores(), operator, fields)).rejects.toMatchObject({ code: 'invalid' });
    expect(await accountByEmail(stores().durable, joan.email)).toBeUndefined();
  });

  test('works with the longest name there can be', async () => {
    const { organization } = await createAccount(stores(), operator, { ...joan, name: '🐧'.repeat(100) });
    expect(organization.name).toMatch(/^(🐧)+ \(personal\)$/u);
  });
});

describe('finding an account', () => {
  test('works by address in whatever case, and by id', async () => {
    const id = await stores().account('ada');
    for (const known of ['Ada@Example.com ', id])
      expect(await accountByEmailOrId(stores().durable, known)).toMatchObject({ id });
  });

  test('says so when there is none', async () => {
    expect(await accountByEmail(stores().durable, 'ada')).toBeUndefined();
    await expect(accountByEmailOrId(stores().durable, 'ada')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('setting a password', () => {
  test('replaces the old one and is written without it', async () => {
    const id = await stores().account('ada');
    await setPassword(stores(), operator, id, 'another password');
    const { passwordHash } = (await accountById(stores().durable, id)) ?? {};
    expect(await verifyPassword(passwordHash, 'another password')).toBe(true);
    expect(await verifyPassword(passwordHash, 'demo-password')).toBe(false);
    const last = (await eventsOf(id)).at(-1);
    expect(last).toMatchObject({ action: 'account.password-set' });
    expect(last).not.toHaveProperty('details');
  });

  test('is refused with a short one, and the old one stays', async () => {
    const id = await stores().account('ada');
    await expect(setPassword(stores(), operator, id, 'short')).rejects.toMatchObject({ code: 'invalid' });
    expect(await verifyPassword((await accountById(stores().durable, id))?.passwordHash, 'demo-password')).toBe(true);
  });
});

test('the operator who puts a password and then verifies the address with it keeps the password; the same again changes nothing', async () => {
  const given = { ...joan, password: 'correct horse' };
  for (const emailVerified of [false, true]) {
    const put = () => putAccount(stores(), operator, 'acc_joan', { ...given, emailVerified });
    const { account } = await put();
    expect(account.emailVerified).toBe(emailVerified);
    expect(await verifyPassword(account.passwordHash, 'correct horse')).toBe(true);
    const before = await eventsOf('acc_joan');
    expect((await put()).account).toEqual(await accountById(stores().durable, 'acc_joan'));
    expect(await eventsOf('acc_joan')).toEqual(before);
  }
  const passwordHash = await hashPassword('correct horse');
  for (const emailVerified of [false, true]) {
    const put = { email: 'jean@example.com', name: 'Jean', passwordHash, emailVerified };
    expect((await putAccount(stores(), operator, 'acc_jean', put)).account).toMatchObject({ passwordHash });
  }
});

describe('removing an account', () => {
  test('is refused while it owns an organization with other members, and names it', async () => {
    const id = await stores().account('ada');
    await expect(removeAccount(stores(), operator, id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('"Acme Robotics"'),
    });
    expect(await accountById(stores().durable, id)).toBeDefined();
  });

  test('takes memberships, own organizations, the personal one and connections along, and nothing else', async () => {
    const ada = await stores().account('ada');
    const acme = await stores().organization('Acme Robotics');
    for (const name of ['grace', 'linus']) await removeMember(stores(), operator, acme, await stores().account(name));
    const gone = [await stores().connect('ada', 'Beacon Labs'), await stores().connect('ada', 'Acme Robotics')];
    const kept = await stores().connect('grace', 'Beacon Labs');

    const removed = await removeAccount(stores(), operator, ada);

    expect(removed.organizations.map(({ name }) => name).toSorted()).toEqual([
      'Acme Robotics',
      'Ada Lovelace (personal)',
    ]);
    expect(removed.connections).toBe(2);
    expect(await accountByEmail(stores().durable, 'ada@example.com')).toBeUndefined();
    for (const { id } of removed.organizations) expect(await stores().durable.get(organizations, id)).toBeUndefined();
    const beacon = await stores().organization('Beacon Labs');
    expect(await memberOf(stores().durable, beacon, ada)).toBeUndefined();
    for (const { id } of gone) expect(await stores().connection(id)).toBeUndefined();
    expect(await stores().connection(kept.id)).toBeDefined();
    expect((await stores().events(beacon)).at(-1)).toMatchObject({ action: 'member.removed', accountId: ada });
    expect((await eventsOf(ada)).map(({ action }) => action)).toContain('account.removed');
  });

  test('while somebody joins its organization, either the one or the other happens', async () => {
    const { account } = await createAccount(stores(), operator, { ...joan, emailVerified: true });
    const accountId = await stores().account('grace');
    for (let round = 0; round < 5; round++) {
      const { id } = await createOrganization(stores(), operator, { name: `Round ${round}`, ownerId: account.id });
      const roles = [{ role: 'insights' as const }];
      const [removal, joining] = await Promise.allSettled([
        removeAccount(stores(), operator, account.id),
        addMember(stores(), operator, { organizationId: id, accountId, roles }),
      ]);
      expect([removal.status, joining.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      if (removal.status === 'fulfilled') return;
      await removeMember(stores(), operator, id, accountId);
    }
  });

  test('while it creates an organization leaves none without an owner', async () => {
    for (let round = 0; round < 5; round++) {
      const { account } = await createAccount(stores(), operator, { ...joan, emailVerified: true });
      await Promise.allSettled([
        createOrganization(stores(), operator, { name: 'Delta', ownerId: account.id }),
        removeAccount(stores(), operator, account.id),
      ]);
      expect(await stores().durable.list(organizations, 'byOwner', [account.id])).toEqual([]);
    }
  });
});
