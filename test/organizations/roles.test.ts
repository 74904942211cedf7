import { describe, expect, test } from '@jest/globals';
import { roleConflict, roleProblem, sameRoles } from '../../src/organizations/roleProblem.js';
import { assignableRoles, mayAdminister, roles } from '../../src/organizations/roles.js';
import type { RoleAssignment, RoleId } from '../../src/stores/records/role.js';

/** The labels of ROLES: what people read. */
const labels: Record<string, string> = {
  'account-admin': 'Account Admin',
  'app-admin': 'App Admin',
  'app-viewer': 'App Viewer',
  'key-admin': 'Key Admin',
  'key-viewer': 'Key Viewer',
  insights: 'PubNub Insights',
  'bizops-objects-operator': 'BizOps Objects Operator',
  'illuminate-admin': 'Illuminate Admin',
  'functions-developer': 'Functions Developer',
  'functions-viewer': 'Functions Viewer',
};
const ids = Object.keys(labels) as RoleId[];

/** "A member with … cannot also have …", line by line; a pair listed on one side counts both ways. */
const cannotAlsoHave: Record<string, { always: string[]; sameApp?: string[]; sameKeyset?: string[] }> = {
  'account-admin': { always: ids.filter((id) => id !== 'account-admin') },
  'app-admin': { always: ['account-admin'], sameApp: ['app-viewer', 'key-admin', 'key-viewer'] },
  'app-viewer': { always: ['account-admin'], sameApp: ['app-admin'] },
  'key-admin': { always: ['account-admin'], sameApp: ['app-admin', 'app-viewer'], sameKeyset: ['key-viewer'] },
  'key-viewer': { always: ['account-admin'], sameApp: ['app-admin', 'app-viewer'], sameKeyset: ['key-admin'] },
  insights: { always: ['account-admin'] },
  'bizops-objects-operator': { always: ['account-admin'] },
  'functions-developer': { always: ['account-admin', 'functions-viewer'] },
  'functions-viewer': { always: ['account-admin', 'functions-developer'] },
  'illuminate-admin': { always: ['account-admin'] },
};

const places = [
  { where: 'of the same keyset', app: 'storefront', keyset: 'production', sameApp: true, sameKeyset: true },
  { where: 'of the same app, another keyset', app: 'storefront', keyset: 'staging', sameApp: true, sameKeyset: false },
  {
    where: 'of a keyset of the same name in another app',
    app: 'blog',
    keyset: 'production',
    sameApp: false,
    sameKeyset: false,
  },
];
type Place = { app: string; keyset: string };
const here: Place = { app: 'storefront', keyset: 'production' };

function assignment(role: RoleId, { app, keyset }: Place): RoleAssignment {
  if (role.startsWith('key-')) return { role, app, keyset };
  return role.startsWith('app-') ? { role, app } : { role };
}

const pairs = ids.flatMap((one) =>
  ids
    .filter((other) => other !== one)
    .flatMap((other) =>
      places.map((place) => {
        const lists = (from: string, to: string): boolean => {
          const { always, sameApp = [], sameKeyset = [] } = cannotAlsoHave[from] ?? { always: [] };
          return (
            always.includes(to) ||
            (place.sameApp && sameApp.includes(to)) ||
            (place.sameKeyset && sameKeyset.includes(to))
          );
        };
        const roles = [assignment(one, here), assignment(other, place)];
        return { one, other, where: place.where, roles, exclusive: lists(one, other) || lists(other, one) };
      }),
    ),
);

describe('the table of roles', () => {
  test('has the ten roles that can be assigned, with their labels, and the account owner', () => {
    expect(Object.fromEntries(assignableRoles.map(({ id, label }) => [id, label]))).toEqual(labels);
    expect(roles.map(({ id }) => id).filter((id) => !(id in labels))).toEqual(['account-owner']);
  });

  test('says to what each role applies', () => {
    const scopeOf = (id: string): string =>
      id.startsWith('app-') ? 'app' : id.startsWith('key-') ? 'keyset' : 'organization';
    for (const { id, scope } of roles) expect([id, scope]).toEqual([id, scopeOf(id)]);
  });
});

describe('roles that exclude each other', () => {
  test('the table has both kinds of pairs', () => {
    expect(pairs.filter(({ exclusive }) => exclusive).length).toBe(82);
    expect(pairs.filter(({ exclusive }) => !exclusive).length).toBe(188);
  });

  test.each(pairs.filter(({ exclusive }) => exclusive))('$one excludes $other $where', ({ one, other, roles }) => {
    const problem = roleConflict(roles);
    expect(problem).toMatchObject({ code: 'conflict', index: 1 });
    expect(problem?.message).toContain(labels[one]);
    expect(problem?.message).toContain(labels[other]);
  });

  test.each(pairs.filter(({ exclusive }) => !exclusive))('$one goes with $other $where', ({ roles }) => {
    expect(roleConflict(roles)).toBeUndefined();
    expect(roleProblem(roles)).toBeUndefined();
  });

  test('a role goes with itself in another app or keyset', () => {
    for (const role of ['app-admin', 'app-viewer', 'key-admin', 'key-viewer'] as const)
      expect(
        roleProblem([assignment(role, here), assignment(role, { app: 'blog', keyset: 'staging' })]),
      ).toBeUndefined();
  });

  test('the message names the app and the keyset', () => {
    const message = roleConflict([assignment('app-viewer', here), assignment('key-admin', here)])?.message;
    expect(message).toContain('App Viewer of app "storefront"');
    expect(message).toContain('Key Admin of keyset "production" in app "storefront"');
  });

  test('a conflict is found wherever in the list the two stand', () => {
    const list: RoleAssignment[] = [
      { role: 'functions-viewer' },
      { role: 'insights' },
      { role: 'functions-developer' },
    ];
    expect(roleConflict(list)).toMatchObject({ index: 2 });
  });
});

describe('a role assignment is complete', () => {
  const app = 'storefront';
  const keyset = 'production';
  test.each<[string, RoleAssignment[], number]>([
    ['no role at all', [], 0],
    ['the account owner', [{ role: 'insights' }, { role: 'account-owner' }], 1],
    ['an app role without an app', [{ role: 'app-admin' }], 0],
    ['an app role with a keyset', [{ role: 'app-viewer', app, keyset }], 0],
    ['a keyset role without a keyset', [{ role: 'key-admin', app }], 0],
    ['a keyset role without an app', [{ role: 'key-viewer', keyset }], 0],
    ['an organization role with an app', [{ role: 'insights', app }], 0],
    ['an organization role with a keyset', [{ role: 'account-admin', keyset }], 0],
    [
      'the same role twice',
      [
        { role: 'app-viewer', app },
        { role: 'app-viewer', app },
      ],
      1,
    ],
  ])('%s is refused', (_what, list, index) => {
    expect(roleProblem(list)).toMatchObject({ code: 'invalid', index });
  });

  test('two lists are the same in any order, and differ by one app', () => {
    const list: RoleAssignment[] = [{ role: 'insights' }, { role: 'app-viewer', app }];
    expect(sameRoles(list, list.toReversed())).toBe(true);
    expect(sameRoles(list, [{ role: 'insights' }, { role: 'app-viewer', app: 'blog' }])).toBe(false);
    expect(sameRoles(list, [{ role: 'insights' }])).toBe(false);
  });
});

describe('who may administer an organization', () => {
  test.each(roles.map(({ id }) => id))('%s', (role) => {
    expect(mayAdminister({ roles: [{ role }] })).toBe(role === 'account-owner' || role === 'account-admin');
  });

  test('not somebody who is no member', () => {
    expect(mayAdminister(undefined)).toBe(false);
  });
});
