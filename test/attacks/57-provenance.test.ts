/** An export and its import keep where things came from: roles that claims gave still go when the claims go. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN_CONFIG } from '../support/adminApi.js';
import { signedInPerson } from '../support/audit.js';
import { freePort } from '../support/childServer.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { startServer, type TestServer } from '../support/server.js';
import { startUpstream, type TestUpstream, UpstreamPerson, upstreamEnvironment } from '../support/upstream.js';

const EMAIL = 'mara@example.com';
const ORGANIZATION = 'of-the-mapping';
const MARA = { email: EMAIL, email_verified: true, name: 'Mara' };

interface Exported {
  readonly accounts: readonly Record<string, unknown>[];
  readonly organizations: readonly Record<string, unknown>[];
  readonly members: readonly Record<string, unknown>[];
}

const config = {
  ...ADMIN_CONFIG,
  upstream: {
    mapping: [
      { claim: 'groups', value: 'insights', organizationId: ORGANIZATION, role: 'insights' },
      { claim: 'groups', value: 'storefront', organizationId: ORGANIZATION, role: 'app-viewer', app: 'storefront' },
    ],
  },
};

const imported = async (server: TestServer, file: object): Promise<string> => {
  const path = join(server.dataDir, '..', 'made.json');
  await writeFile(path, JSON.stringify(file));
  return directory(server, 'import', path);
};

const signIn = async (server: TestServer): Promise<void> => {
  const person = new UpstreamPerson('mara');
  await person.signIn(await person.browser.open(server.url('/login')));
  expect((await person.browser.open(server.url('/account'))).url.pathname).toBe('/account');
};

const exported = async (server: TestServer): Promise<Exported> =>
  JSON.parse(await directory(server, 'export')) as Exported;

await describeOnEachStore((stores) => {
  let first: TestServer;
  let second: TestServer;
  let upstream: TestUpstream;
  let upstreamOfSecond: TestUpstream;
  let before: Exported;
  beforeAll(async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const env = upstreamEnvironment(issuer);
    first = await stores.start({ config, env });
    upstream = await startUpstream(issuer, first);
    // Another installation, which the directory moves to; without the demo directory.
    second = await startServer({ config, env: { ...env, DEMO_DIRECTORY: '0' } });

    const made = { organizations: [{ id: ORGANIZATION, name: 'Of the mapping', owner: 'grace@example.com' }] };
    await imported(first, made);
    await upstream.person('mara', { ...MARA, groups: ['insights', 'storefront'] });
    await signIn(first);
    const own = ['--role', 'insights', '--role', 'app-viewer:storefront', '--role', 'app-admin:blog'];
    await directory(first, 'members', 'set-roles', ORGANIZATION, EMAIL, ...own);
    const grace = await signedInPerson(first, 'grace@example.com');
    const settings = await grace.open(first.url(`/organizations/${ORGANIZATION}/settings`));
    await post(grace.browser, first.url(`/organizations/${ORGANIZATION}/settings/mcp-access`), {
      csrf_token: csrfOf(settings),
      mcp_access: 'off',
    });

    before = await exported(first);
    const file = join(first.dataDir, '..', 'export.json');
    await directory(first, 'export', file, '--with-password-hashes');
    await directory(second, 'import', file);
    await upstream.stop();
    upstreamOfSecond = await startUpstream(issuer, second);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop(), upstream?.stop(), upstreamOfSecond?.stop()]);
  });

  const INSIGHTS = { role: 'insights' };
  const VIEWER = { role: 'app-viewer', app: 'storefront' };
  const BLOG = { role: 'app-admin', app: 'blog' };
  const membership = async (server: TestServer) =>
    (await exported(server)).members.find(({ organization }) => organization === ORGANIZATION);

  test('an import into an empty directory and an export of it give the same file', async () => {
    expect(await exported(second)).toEqual(before);
  });

  test('the file names roles of claims, the identity, who moved the switch, and when everything was made', () => {
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(before.members.find(({ organization }) => organization === ORGANIZATION)).toEqual({
      organization: ORGANIZATION,
      account: EMAIL,
      roles: [INSIGHTS, VIEWER, BLOG],
      mappedRoles: [INSIGHTS, VIEWER],
      createdAt: moment,
    });
    expect(before.accounts.find(({ email }) => email === EMAIL)).toMatchObject({
      emailVerified: true,
      upstreamIssuer: upstream.issuer,
      upstreamSubject: expect.any(String),
      createdAt: moment,
    });
    expect(before.organizations.find(({ id }) => id === ORGANIZATION)).toMatchObject({
      mcpAccess: false,
      mcpAccessChangedBy: 'grace@example.com',
      mcpAccessChangedAt: moment,
      createdAt: moment,
    });
  });

  test('the import again changes nothing, and one without these fields takes nothing away', async () => {
    const file = join(first.dataDir, '..', 'export.json');
    const unchanged =
      /^accounts: 0 added, 0 changed.*\norganizations: 0 added, 0 changed.*\nmembers: 0 added, 0 changed/;
    expect(await directory(second, 'import', file)).toMatch(unchanged);
    const { mappedRoles: _, createdAt: __, ...member } = (await membership(second)) ?? {};
    expect(await imported(second, { members: [member] })).toContain('members: 0 added, 0 changed, 1 unchanged');
    expect(await membership(second)).toMatchObject({ mappedRoles: [INSIGHTS, VIEWER] });
  });

  test('after the move, a lost claim takes its role away and leaves what an admin gave', async () => {
    await upstreamOfSecond.person('mara', { ...MARA, groups: ['storefront'] });
    await signIn(second);
    expect(await membership(second)).toMatchObject({ roles: [BLOG, VIEWER], mappedRoles: [VIEWER] });
    await upstreamOfSecond.person('mara', { ...MARA, groups: [] });
    await signIn(second);
    const { roles, mappedRoles } = (await membership(second)) ?? {};
    expect([roles, mappedRoles]).toEqual([[BLOG], undefined]);
  });

  test('an identity goes to no second account, and roles of claims are among the roles', async () => {
    const { upstreamIssuer, upstreamSubject } = before.accounts.find(({ email }) => email === EMAIL) ?? {};
    const refused = async (file: object): Promise<string> =>
      imported(second, file).then(
        (said) => `done: ${said}`,
        ({ stderr }: { stderr: string }) => stderr,
      );
    const other = { email: 'other@example.com', name: 'Other', upstreamIssuer, upstreamSubject };
    expect(await refused({ accounts: [other] })).toContain(`This identity is linked to ${EMAIL} here`);
    expect(await refused({ accounts: [{ ...other, email: EMAIL, upstreamSubject: 'x' }] })).toContain(
      'is linked to another identity here',
    );
    expect(await refused({ accounts: [{ ...other, upstreamSubject: undefined }] })).toContain('Give both');
    const member = { organization: ORGANIZATION, account: EMAIL, roles: [BLOG], mappedRoles: [VIEWER] };
    expect(await refused({ members: [member] })).toContain('has to be among "roles"');
  });
});
