import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { accountByEmailOrId } from '../../src/accounts/findAccount.js';
import { verifyPassword } from '../../src/accounts/passwords.js';
import { exportDirectory } from '../../src/organizations/exportDirectory.js';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { seedDemoDirectory } from '../../src/organizations/seedDemoDirectory.js';
import { insert } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { connections } from '../../src/stores/records/connection.js';
import type { Stores } from '../../src/stores/stores.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'directory-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

async function directory(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: object } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, ['dist/scripts/directory.js', ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: folder, ...env },
  });
  child.stdin.end(input);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}

async function done(args: string[], input?: string): Promise<string> {
  const { code, out, err } = await directory(args, input === undefined ? {} : { input });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}
const json = async (args: string[]) => JSON.parse(await done([...args, '--json']));

/** Works on the command's store from this process, as the server would. */
async function inStore<T>(action: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openEmbeddedStores(join(folder, 'store'));
  try {
    return await action(stores);
  } finally {
    await stores.close();
  }
}
const demo = () => inStore(seedDemoDirectory);
const everything = () => inStore(({ durable }) => exportDirectory(durable, { withPasswordHashes: true }));

describe('the directory command', () => {
  test('adds, lists and removes accounts', async () => {
    const added = await done(
      ['accounts', 'add', '--email', 'Joan@example.com', '--name', 'Joan', '--password-stdin'],
      'correct horse\n',
    );
    expect(added).toMatch(/^Added account joan@example\.com \(acc_\S+\) with "Joan \(personal\)" \(org_\S+\)\.\n$/);
    expect(await json(['accounts', 'list'])).toMatchObject({
      accounts: [{ email: 'joan@example.com', hasPassword: true }],
    });
    expect(await done(['accounts', 'list'])).toContain('joan@example.com');
    expect(await done(['accounts', 'remove', 'joan@example.com'])).toMatch(/^Removed account joan@example\.com/);
    expect(await json(['accounts', 'list'])).toEqual({ accounts: [] });
  });

  test('sets a password from standard input, without its line break', async () => {
    await demo();
    const hashOfAda = async () =>
      (await everything()).accounts.find(({ email }) => email === 'ada@example.com')?.passwordHash;
    const before = await hashOfAda();
    await done(['accounts', 'set-password', 'ada@example.com', '--password-stdin'], 'another password\n');
    const after = await hashOfAda();
    expect(after).not.toBe(before);
    expect(await verifyPassword(after, 'another password')).toBe(true);
  });

  test('adds, lists and removes organizations', async () => {
    await demo();
    const { organization } = await json([
      'organizations',
      'add',
      '--name',
      'Delta',
      '--owner',
      'ada@example.com',
      '--mcp-access',
      'off',
    ]);
    expect(organization).toMatchObject({ name: 'Delta', owner: 'ada@example.com', mcpAccess: false });
    const { organizations } = await json(['organizations', 'list', '--account', 'ada@example.com']);
    expect(organizations.map(({ name }: { name: string }) => name)).toContain('Delta');
    expect(await done(['organizations', 'remove', organization.id])).toMatch(/^Removed organization "Delta"/);
    expect(await done(['organizations', 'list'])).not.toContain('Delta');
  });

  test('adds, lists, changes and removes members', async () => {
    await demo();
    const where = ['Closed Circuit', 'grace@example.com'];
    const roles = ['--role', 'key-viewer:storefront/production', '--role', 'app-viewer:blog'];
    expect(await done(['members', 'add', ...where, ...roles])).toBe(
      'Added grace@example.com to "Closed Circuit" as Key Viewer of keyset "production" in app "storefront", App Viewer of app "blog".\n',
    );
    const { members } = await json(['members', 'list', 'Closed Circuit']);
    expect(members.map(({ email }: { email: string }) => email)).toEqual([
      'linus@example.com',
      'ada@example.com',
      'grace@example.com',
    ]);
    expect(members[2].roles).toEqual([
      { role: 'key-viewer', app: 'storefront', keyset: 'production' },
      { role: 'app-viewer', app: 'blog' },
    ]);
    await done(['members', 'set-roles', ...where, '--role', 'account-admin']);
    expect((await json(['members', 'list', 'Closed Circuit'])).members[2].roles).toEqual([{ role: 'account-admin' }]);
    expect(await done(['members', 'remove', ...where])).toContain('Removed grace@example.com from "Closed Circuit"');
    expect((await json(['members', 'list', 'Closed Circuit'])).members).toHaveLength(2);
  });

  test('switches MCP access and says what that affects', async () => {
    await demo();
    expect(await done(['mcp-access', 'off', 'Acme Robotics'])).toMatch(
      /is now off\.\n0 active connections of 0 members: rejected/,
    );
    expect(await json(['mcp-access', 'off', 'Acme Robotics'])).toMatchObject({ mcpAccess: false, changed: false });
    expect(await done(['mcp-access', 'on', 'Acme Robotics', '--json'])).toContain('"mcpAccess": true');
  });

  test('lists and removes connections', async () => {
    await demo();
    const connect = (id: string, email: string) =>
      inStore(async ({ durable }) => {
        const { id: organizationId } = await organizationByIdOrName(durable, 'Acme Robotics');
        const { id: accountId } = await accountByEmailOrId(durable, email);
        const [createdAt, end] = [Date.now(), Date.now() + 60_000];
        const client = { clientId: 'dcr_1', clientName: 'Curs\u001b[31mor', resource: 'http://localhost:3001/mcp' };
        const times = { createdAt, expiresAt: end, keptUntil: end };
        const connection = { id, status: 'active' as const, accountId, organizationId, ...client, scope: '', ...times };
        await durable.commit([insert(connections, connection)]);
      });
    await connect('con_1', 'ada@example.com');
    await connect('con_2', 'grace@example.com');
    const acme = ['--organization', 'Acme Robotics'];
    expect((await json(['connections', 'list', ...acme])).connections).toHaveLength(2);
    const shown = await done(['connections', 'list', ...acme, '--account', 'ada@example.com']);
    expect(shown).toMatch(/^con_1 /);
    expect(shown).not.toContain('\u001b');
    expect(await done(['connections', 'remove', '--account', 'ada@example.com'])).toMatch(
      /^Removed 1 active connection;/,
    );
    expect(await done(['mcp-access', 'off', 'Acme Robotics'])).toContain('1 active connection of 1 member: rejected');
    expect(await done(['mcp-access', 'off', 'Acme Robotics', '--remove-connections'])).toContain('1 member: removed');
    expect(await json(['connections', 'list', ...acme])).toEqual({ connections: [] });
  });

  test('imports a file and says how much of it was new', async () => {
    const line = (what: string, count: number) => `${what}: ${count} added, 0 changed, 0 unchanged\n`;
    expect(await done(['import', 'config/demo-directory.json'])).toBe(
      line('accounts', 3) + line('organizations', 3) + line('members', 4),
    );
  });

  test('exports a file that imports into an empty store as the same directory', async () => {
    await demo();
    const file = join(folder, 'directory.json');
    expect(await done(['export', file, '--with-password-hashes'])).toContain('keep it secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const elsewhere = { env: { DATA_DIR: join(folder, 'elsewhere') } };
    expect(await directory(['import', file], elsewhere)).toMatchObject({ code: 0 });
    const { out } = await directory(['export', '--with-password-hashes'], elsewhere);
    expect(JSON.parse(out)).toEqual(JSON.parse(await readFile(file, 'utf8')));
  });

  test('works while another process has the store open', async () => {
    await demo();
    await inStore(async (server) => {
      await done(['mcp-access', 'off', 'Acme Robotics']);
      server.beginRequest();
      expect((await organizationByIdOrName(server.durable, 'Acme Robotics')).mcpAccess).toBe(false);
    });
  });
});

describe('what the directory command refuses changes nothing', () => {
  const unchangedBy = async (args: string[], code: number, message: RegExp, options = {}): Promise<void> => {
    await demo();
    const before = await everything();
    const outcome = await directory(args, options);
    expect(outcome).toMatchObject({ code, out: '', err: expect.stringMatching(message) });
    expect(outcome.err).not.toMatch(/^\s+at /m);
    expect(await everything()).toEqual(before);
  };

  test.each<[string, string[], RegExp]>([
    [
      'roles that exclude each other',
      ['members', 'set-roles', 'Acme Robotics', 'linus@example.com', '--role', 'insights', '--role', 'account-admin'],
      /PubNub Insights and Account Admin/,
    ],
    ['the owner’s membership', ['members', 'remove', 'Acme Robotics', 'ada@example.com'], /permanent/],
    ['an unknown organization', ['mcp-access', 'off', 'Nowhere'], /no organization .*"Nowhere"/],
    ['an unknown account', ['accounts', 'remove', 'nobody@example.com'], /no account .*"nobody@example\.com"/],
    ['an account that owns an organization with members', ['accounts', 'remove', 'ada@example.com'], /"Acme Robotics"/],
    ['a personal organization', ['organizations', 'remove', 'Ada Lovelace (personal)'], /personal/],
    [
      'an address that is taken',
      ['accounts', 'add', '--email', 'ada@example.com', '--name', 'Ada', '--no-password'],
      /already/,
    ],
  ])('%s: exit code 1', async (_what, args, message) => {
    await unchangedBy(args, 1, message);
  });

  test('a short password: exit code 1', async () => {
    await unchangedBy(['accounts', 'set-password', 'ada@example.com', '--password-stdin'], 1, /at least 8/, {
      input: 'short\n',
    });
  });

  test('a wrong file: exit code 1, with the line', async () => {
    const file = join(folder, 'wrong.json');
    await writeFile(
      file,
      '{ "members": [\n{ "organization": "Nowhere", "account": "ada@example.com", "roles": [{ "role": "insights" }] }\n] }',
    );
    await unchangedBy(['import', file], 1, /^Line 2: There is no organization "Nowhere"/);
  });

  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['members', 'promote'], /unknown command/],
    ['an unknown option', ['accounts', 'list', '--all'], /unknown option/],
    ['a missing argument', ['members', 'list'], /missing required argument/],
    ['no role', ['members', 'add', 'Acme Robotics', 'ada@example.com'], /--role/],
    ['an unknown role', ['members', 'add', 'Acme Robotics', 'ada@example.com', '--role', 'king'], /account-admin/],
    [
      'the owner’s role',
      ['members', 'add', 'Closed Circuit', 'grace@example.com', '--role', 'account-owner'],
      /Roles:/,
    ],
    [
      'an app role without an app',
      ['members', 'add', 'Closed Circuit', 'grace@example.com', '--role', 'app-admin'],
      /app-admin:<app>/,
    ],
    [
      'a keyset role without a keyset',
      ['members', 'add', 'Closed Circuit', 'grace@example.com', '--role', 'key-admin:shop'],
      /<keyset>/,
    ],
    [
      'an organization role with an app',
      ['members', 'add', 'Closed Circuit', 'grace@example.com', '--role', 'insights:shop'],
      /Write it as insights/,
    ],
    ['a password as an argument', ['accounts', 'set-password', 'ada@example.com', 'my-password'], /too many arguments/],
    [
      'a password without terminal or --password-stdin',
      ['accounts', 'set-password', 'ada@example.com'],
      /--password-stdin/,
    ],
    ['connections of nobody', ['connections', 'remove'], /--account/],
    [
      'removing connections when switching on',
      ['mcp-access', 'on', 'Closed Circuit', '--remove-connections'],
      /"off" only/,
    ],
    ['a file that is not there', ['import', 'nowhere.json'], /cannot be read/],
  ])('%s: exit code 2', async (_what, args, message) => {
    await unchangedBy(args, 2, message);
  });

  test('a store that cannot be opened: exit code 3', async () => {
    await writeFile(join(folder, 'store'), 'this is no folder');
    const { code, err } = await directory(['accounts', 'list']);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(/store cannot be used/) });
  });
});
