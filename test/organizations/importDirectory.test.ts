import { describe, expect, test } from '@jest/globals';
import { accountByEmail, existingAccount } from '../../src/accounts/findAccount.js';
import { inviteMember } from '../../src/accounts/invitations/inviteMember.js';
import { pendingInvitations } from '../../src/accounts/invitations/pendingInvitations.js';
import { hashPassword, verifyPassword } from '../../src/accounts/passwords.js';
import { putAccount } from '../../src/accounts/putAccount.js';
import { setPassword } from '../../src/accounts/setPassword.js';
import { addMember } from '../../src/organizations/addMember.js';
import { exportDirectory } from '../../src/organizations/exportDirectory.js';
import { memberOf } from '../../src/organizations/findOrganization.js';
import { importDirectory } from '../../src/organizations/importDirectory.js';
import { seedDemoDirectory } from '../../src/organizations/seedDemoDirectory.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import type { DurableStore } from '../../src/stores/durable.js';
import { auditEvents } from '../../src/stores/records/auditEvent.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const load = (file: unknown, options?: { acceptUnverified: boolean }) =>
  importDirectory(stores(), operator, typeof file === 'string' ? file : JSON.stringify(file), undefined, options);
const everything = () => exportDirectory(stores().durable, { withPasswordHashes: true });
const unchanged = {
  accounts: { added: 0, changed: 0 },
  organizations: { added: 0, changed: 0 },
  members: { added: 0, changed: 0 },
};

describe('importing', () => {
  test('adds accounts with personal organizations, organizations and members', async () => {
    const file = {
      accounts: [{ email: 'Joan@Example.com', name: 'Joan', password: 'correct horse' }],
      organizations: [{ name: 'Delta', owner: 'joan@example.com', mcpAccess: false }],
      members: [
        { organization: 'Delta', account: 'ada@example.com', roles: [{ role: 'insights' }] },
        { organization: 'Acme Robotics', account: 'joan@example.com', roles: [{ role: 'functions-viewer' }] },
      ],
    };
    await expect(load(file)).rejects.toMatchObject({
      message: expect.stringMatching(/^(Line 1: .*unverified.*\n?){2}$/),
    });
    const summary = await load(file, { acceptUnverified: true });
    expect(summary).toMatchObject({ accounts: { added: 1 }, organizations: { added: 1 }, members: { added: 2 } });
    const joan = await accountByEmail(stores().durable, 'joan@example.com');
    expect(await verifyPassword(joan?.passwordHash, 'correct horse')).toBe(true);
    expect(joan?.emailVerified).toBe(false);
    const personal = await stores().organization('Joan (personal)');
    expect(await memberOf(stores().durable, personal, joan?.id ?? '')).toMatchObject({
      roles: [{ role: 'account-owner' }],
    });
    const delta = await stores().organization('Delta');
    expect(await memberOf(stores().durable, delta, joan?.id ?? '')).toMatchObject({
      roles: [{ role: 'account-owner' }],
    });
    expect(await memberOf(stores().durable, delta, await stores().account('ada'))).toMatchObject({
      roles: [{ role: 'insights' }],
    });
    expect((await stores().events(delta)).map(({ action }) => action).toSorted()).toEqual([
      'member.added',
      'organization.created',
    ]);
  });

  test('the same file again changes nothing', async () => {
    const before = await everything();
    const events = await stores().durable.count(auditEvents, 'byOrganization', []);
    const text = JSON.stringify(await exportDirectory(stores().durable));
    expect(await load(text)).toMatchObject({ ...unchanged, accounts: { unchanged: 3 }, members: { unchanged: 4 } });
    expect(await everything()).toEqual(before);
    expect(await stores().durable.count(auditEvents, 'byOrganization', [])).toBe(events);
  });

  test('without ids the same file again changes nothing either', async () => {
    const file = {
      accounts: [{ email: 'joan@example.com', name: 'Joan', password: 'correct horse', emailVerified: true }],
      organizations: [
        { name: 'Delta', owner: 'joan@example.com' },
        { name: 'Acme Robotics', owner: 'joan@example.com' },
      ],
      members: [
        {
          organization: 'Delta',
          account: 'ada@example.com',
          roles: [{ role: 'insights' }, { role: 'functions-viewer' }],
        },
      ],
    };
    await load(file);
    const before = await everything();
    expect(await load(file)).toMatchObject(unchanged);
    expect(await everything()).toEqual(before);
  });

  test('changes what the file says and leaves the rest', async () => {
    const acme = await stores().organization('Acme Robotics');
    const summary = await load({
      accounts: [{ email: 'ada@example.com', name: 'Ada King' }],
      organizations: [{ id: acme, name: 'Acme Robots', owner: 'ada@example.com', mcpAccess: false }],
      members: [{ organization: 'Acme Robots', account: 'linus@example.com', roles: [{ role: 'insights' }] }],
    });
    expect(summary).toMatchObject({
      accounts: { added: 0, changed: 1 },
      organizations: { added: 0, changed: 1 },
      members: { added: 0, changed: 1 },
    });
    expect(await accountByEmail(stores().durable, 'ada@example.com')).toMatchObject({
      name: 'Ada King',
      emailVerified: true,
    });
    expect(await stores().organization('Acme Robots')).toBe(acme);
    const members = (await everything()).members.filter(({ organization }) => organization === acme);
    const createdAt = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(members).toEqual([
      { organization: acme, account: 'grace@example.com', roles: [{ role: 'account-admin' }], createdAt },
      { organization: acme, account: 'linus@example.com', roles: [{ role: 'insights' }], createdAt },
    ]);
    expect(
      (await stores().events(acme))
        .slice(-3)
        .map(({ action }) => action)
        .toSorted(),
    ).toEqual(['member.roles-changed', 'organization.mcp-access-off', 'organization.renamed']);
  });

  test('what the file does not say about MCP access stays as it is', async () => {
    const acme = await stores().organization('Acme Robotics');
    await switchMcpAccess(stores(), operator, acme, false);
    await load({ organizations: [{ name: 'Acme Robotics', owner: 'ada@example.com' }] });
    expect((await everything()).organizations.find(({ id }) => id === acme)?.mcpAccess).toBe(false);
  });

  test('a password that somebody has chosen stays', async () => {
    const ada = await stores().account('ada');
    await setPassword(stores(), operator, ada, 'a better password');
    await load({ accounts: [{ email: 'ada@example.com', name: 'Ada Lovelace', password: 'demo-password' }] });
    const { passwordHash } = (await accountByEmail(stores().durable, 'ada@example.com')) ?? {};
    expect(await verifyPassword(passwordHash, 'a better password')).toBe(true);
  });

  test('imports at the same time end in one directory', async () => {
    const file = {
      accounts: [{ email: 'joan@example.com', name: 'Joan', emailVerified: true }],
      organizations: [{ name: 'Delta', owner: 'joan@example.com' }],
    };
    const summaries = await Promise.all(Array.from({ length: 5 }, () => load(file)));
    expect(summaries.filter(({ accounts }) => accounts.added === 1)).toHaveLength(1);
    expect(await stores().organization('Delta')).toBeDefined();
  });
});

const account = (email: string, more = {}) => ({ email, name: 'Somebody', ...more });
const joan = account('joan@example.com');

describe('a wrong file', () => {
  test.each<[string, string, number, RegExp]>([
    ['no JSON', '{\n"accounts": [\n,]}', 3, /not JSON/],
    ['nothing', '', 1, /not JSON/],
    ['another shape', '[]', 1, /object/],
    ['an unknown list', '{\n"people": []\n}', 2, /people/],
    ['a key that stands twice', '{\n"members": [],\n"members": []\n}', 3, /second time/],
    ['a missing name', '{"accounts": [\n\n{ "email": "a@example.com" }]}', 3, /name/],
    ['a bad email address', '{"accounts": [{\n"name": "A",\n"email": "a" }]}', 3, /email/],
    ['a short password', '{"accounts": [{ "name": "A", "email": "a@b.co",\n"password": "short" }]}', 2, /8 characters/],
    [
      'a foreign hash',
      '{"accounts": [{ "name": "A", "email": "a@b.co",\n"passwordHash": "$2b$10$abc" }]}',
      2,
      /argon2id/,
    ],
    [
      'an unknown role',
      '{"members": [{ "organization": "A", "account": "a@b.co", "roles": [\n{ "role": "king" }]}]}',
      2,
      /role/,
    ],
    ['an id with a colon', '{"organizations": [{ "name": "A", "owner": "ada@example.com",\n"id": "a:b" }]}', 2, /id/],
  ])('with %s is refused and the line is named', async (_what, text, line, message) => {
    const before = await everything();
    await expect(load(text)).rejects.toMatchObject({
      code: 'invalid',
      problems: expect.arrayContaining([{ line, message: expect.stringMatching(message) }]),
    });
    expect(await everything()).toEqual(before);
  });

  const member = (organization: string, email: string, ...roles: object[]) => ({ organization, account: email, roles });
  const insights = { role: 'insights' };
  const delta = { name: 'Delta', owner: 'joan@example.com' };

  test.each<[string, object, string, RegExp]>([
    ['an account listed twice', { accounts: [joan, account('JOAN@example.com')] }, 'JOAN', /twice/],
    [
      'an id listed twice',
      {
        accounts: [
          { id: 'acc_x', ...joan },
          { id: 'acc_x', ...account('jo@example.com') },
        ],
      },
      '"id": "acc_x"',
      /twice/,
    ],
    [
      'an unknown owner',
      { organizations: [{ name: 'Delta', owner: 'nobody@example.com' }] },
      'nobody',
      /no account nobody/,
    ],
    ['an organization listed twice', { accounts: [joan], organizations: [delta, delta] }, '"Delta"', /twice/],
    [
      'an unknown organization',
      { members: [member('Delta', 'ada@example.com', insights)] },
      'Delta',
      /no organization "Delta"/,
    ],
    [
      'an unknown account',
      { members: [member('Acme Robotics', 'nobody@example.com', insights)] },
      'nobody',
      /no account nobody/,
    ],
    [
      'an ambiguous organization',
      {
        accounts: [joan],
        organizations: [{ ...delta, name: 'Acme Robotics' }],
        members: [member('Acme Robotics', 'grace@example.com', insights)],
      },
      '"organization": "Acme',
      /Several/,
    ],
    [
      'the owner as a member',
      { members: [member('Acme Robotics', 'ada@example.com', insights)] },
      'ada@',
      /Account Owner/,
    ],
    [
      'a member of a personal organization',
      { members: [member('Ada Lovelace (personal)', 'grace@example.com', insights)] },
      '(personal)',
      /personal/,
    ],
    [
      'roles that exclude each other',
      { members: [member('Acme Robotics', 'grace@example.com', insights, { role: 'account-admin' })] },
      'account-admin',
      /PubNub Insights and Account Admin/,
    ],
    [
      'the owner’s role for a member',
      { members: [member('Acme Robotics', 'grace@example.com', { role: 'account-owner' })] },
      'account-owner',
      /cannot be assigned/,
    ],
    ['no roles', { members: [member('Acme Robotics', 'grace@example.com')] }, '"roles"', /at least one/],
    [
      'a member listed twice',
      {
        members: [
          member('Acme Robotics', 'grace@example.com', insights),
          member('Acme Robotics', 'GRACE@example.com', insights),
        ],
      },
      'GRACE',
      /twice/,
    ],
    [
      'another id for an account that is there',
      { accounts: [{ ...account('ada@example.com'), id: 'acc_other' }] },
      'acc_other',
      /has the id/,
    ],
    [
      'two personal organizations of one account',
      {
        accounts: [joan],
        organizations: [
          { ...delta, personal: true },
          { ...delta, name: 'D2', personal: true },
        ],
      },
      '"personal"',
      /twice/,
    ],
  ])('with %s is refused, the line is named and nothing is written', async (_what, file, where, message) => {
    const before = await everything();
    const text = JSON.stringify(file, null, 1);
    const lines = text.split('\n');
    const error = await load(text).then(
      () => undefined,
      (thrown: { problems: { line: number; message: string }[] }) => thrown,
    );
    const problem = error?.problems.find((one) => message.test(one.message));
    expect([error?.problems, lines[(problem?.line ?? 0) - 1]]).toEqual([
      expect.arrayContaining([problem]),
      expect.stringContaining(where),
    ]);
    expect(await everything()).toEqual(before);
  });

  test('is told all its wrong lines at once, in their order', async () => {
    const text =
      '{"members": [\n{"organization": "X", "account": "ada@example.com", "roles": [{"role": "insights"}]},\n{"organization": "Y", "account": "ada@example.com", "roles": [{"role": "insights"}]}\n]}';
    await expect(load(text)).rejects.toMatchObject({
      message: expect.stringMatching(/^Line 2: .*"X".*\nLine 3: .*"Y"/),
    });
  });

  test('with an id that another organization has is refused', async () => {
    const id = await stores().organization('Beacon Labs');
    await expect(
      load({ organizations: [{ id, name: 'Beacon Labs', owner: 'ada@example.com' }] }),
    ).rejects.toMatchObject({
      message: expect.stringContaining(id),
    });
  });
});

describe('the demo directory', () => {
  test('is not seeded into a directory that has accounts', async () => {
    const before = await everything();
    expect(await seedDemoDirectory(stores())).toBeUndefined();
    expect(await everything()).toEqual(before);
  });

  test('has the accounts, organizations and roles that the documentation names', async () => {
    const { accounts, organizations, members } = await everything();
    for (const { passwordHash, emailVerified } of accounts) {
      expect(await verifyPassword(passwordHash, 'demo-password')).toBe(true);
      expect(emailVerified).toBe(true);
    }
    const nameOf = new Map(organizations.map(({ id, name }) => [id, name]));
    expect(
      organizations.map(({ name, owner, mcpAccess, personal }) => [name, owner, mcpAccess, personal ?? false]),
    ).toEqual([
      ['Acme Robotics', 'ada@example.com', true, false],
      ['Ada Lovelace (personal)', 'ada@example.com', true, true],
      ['Beacon Labs', 'grace@example.com', true, false],
      ['Closed Circuit', 'linus@example.com', false, false],
      ['Grace Hopper (personal)', 'grace@example.com', true, true],
      ['Linus Torvalds (personal)', 'linus@example.com', true, true],
    ]);
    expect(members.map(({ organization, account, roles }) => [nameOf.get(organization), account, roles])).toEqual(
      expect.arrayContaining([
        ['Acme Robotics', 'grace@example.com', [{ role: 'account-admin' }]],
        ['Acme Robotics', 'linus@example.com', [{ role: 'app-viewer', app: 'storefront' }]],
        ['Beacon Labs', 'ada@example.com', [{ role: 'key-viewer', app: 'storefront', keyset: 'production' }]],
        ['Closed Circuit', 'ada@example.com', [{ role: 'app-admin', app: 'storefront' }]],
      ]),
    );
    expect(members).toHaveLength(4);
  });
});

describe('exporting', () => {
  const empty = storesOfEachTest('empty');

  test('and importing into an empty store gives the same directory, ids and passwords included', async () => {
    await switchMcpAccess(stores(), operator, await stores().organization('Ada Lovelace (personal)'), false);
    const exported = await everything();
    await importDirectory(empty(), operator, JSON.stringify(exported));
    expect(await exportDirectory(empty().durable, { withPasswordHashes: true })).toEqual(exported);
  });

  test('leaves password hashes out unless they are asked for', async () => {
    expect(JSON.stringify(await exportDirectory(stores().durable))).not.toContain('argon2');
  });

  test('brings password hashes of other servers along', async () => {
    const passwordHash = await hashPassword('from elsewhere');
    await importDirectory(empty(), operator, JSON.stringify({ accounts: [{ ...joan, passwordHash }] }));
    const found = await accountByEmail(empty().durable, joan.email);
    expect(await verifyPassword(found?.passwordHash, 'from elsewhere')).toBe(true);
  });
});

test('an invitation that a former holder makes right after an import listed them is withdrawn all the same', async () => {
  const { durable } = stores();
  const organizationId = await stores().organization('Acme Robotics');
  const roles = [{ role: 'account-admin' as const }];
  const squatted = { ...joan, password: 'squatter horse' };
  await putAccount(stores(), operator, 'acc_joan', squatted);
  await addMember(stores(), operator, { organizationId, accountId: 'acc_joan', roles, acceptUnverified: true });
  const squatter = { kind: 'account' as const, accountId: 'acc_joan' };
  let invited = false;
  const list: DurableStore['list'] = async (collection, ...rest) => {
    const found = await durable.list(collection, ...rest);
    if (collection.name === 'invitations' && !invited) {
      invited = true;
      const request = { organizationId, email: 'accomplice@example.com', roles, mailed: false };
      await inviteMember(stores(), squatter, request);
    }
    return found;
  };
  const overtaken: DurableStore = {
    get: (collection, id) => durable.get(collection, id),
    getEach: (...wanted) => durable.getEach(...wanted),
    list,
    count: (...of) => durable.count(...of),
    estimate: (collection) => durable.estimate(collection),
    sweep: () => durable.sweep(),
    commit: (changes) => durable.commit(changes),
  };
  const file = {
    accounts: [{ ...joan, emailVerified: true, password: 'correct horse' }],
    members: [{ organization: organizationId, account: joan.email, roles, mappedRoles: roles }],
  };
  const summary = await importDirectory({ ...stores(), durable: overtaken }, operator, JSON.stringify(file));
  expect(summary).toMatchObject({ accounts: { changed: 1 }, members: { changed: 1 } });
  expect(invited).toBe(true);
  expect((await existingAccount(durable, 'acc_joan')).emailVerified).toBe(true);
  expect(await pendingInvitations(durable, organizationId)).toEqual([]);
});
