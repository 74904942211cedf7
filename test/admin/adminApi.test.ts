/** The Admin API from end to end, each request and answer held against its OpenAPI document. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { ADMIN_CLIENT } from '../support/adminClient.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { introspect, TestClient } from '../support/client.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let api: AdminApi;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start({ config: ADMIN_CONFIG });
    [api, client] = await Promise.all([AdminApi.open(server), TestClient.register(server)]);
  });
  afterAll(() => server?.stop());

  const codeOf = async (answer: ReturnType<AdminApi['get']>) => {
    const { status, json } = await answer;
    return `${status} ${json.code}`;
  };
  const accountIdOf = async (email: string): Promise<string> => {
    const { json } = await api.get('/accounts', { email });
    const [account] = json.items as { id: string }[];
    return account?.id ?? 'none';
  };
  const organizationIdOf = async (name: string): Promise<string> => {
    const found = await api.all('/organizations');
    return String(found.find((one) => one.name === name)?.id);
  };
  const isActive = async (token: string): Promise<unknown> => (await introspect(server, token)).json.active;
  /** The newest events of an account, without what differs each time. */
  const newest = async (query: { accountId?: string; organizationId?: string }, count: number) => {
    const { json } = await api.get('/audit', { ...query, limit: count });
    return (json.items as Record<string, unknown>[]).map(({ id: _, at: __, ...event }) => event);
  };
  const actor = { kind: 'operator', clientId: ADMIN_CLIENT.id, ip: '127.0.0.1' };

  describe('An account', () => {
    const path = '/accounts/customer-4711';
    const maria = { email: 'Maria@Example.com', name: 'Maria', emailVerified: true, password: 'first-password' };

    test('is made under the id that the product has for it, once, and can sign in', async () => {
      const made = await api.put(path, maria);
      expect(made.status).toBe(201);
      expect(made.json).toMatchObject({
        id: 'customer-4711',
        email: 'maria@example.com',
        emailVerified: true,
        hasPassword: true,
      });
      const again = await api.put(path, maria);
      expect(again.status).toBe(200);
      expect(again.json).toEqual(made.json);
      expect((await api.get(path)).json).toEqual(made.json);
      expect(await newest({ accountId: 'customer-4711' }, 5)).toEqual([
        expect.objectContaining({ action: 'account.created', actor, details: { email: 'maria@example.com' } }),
      ]);
      const person = new Person('maria@example.com');
      const page = await person.signIn(await person.open(server.url('/login')), 'first-password');
      expect(page.url.pathname).not.toBe('/login');
    });

    test('is changed by the same request with other fields, and says what changed', async () => {
      const changed = await api.put(path, { email: 'maria@new.example', name: 'Maria N.' });
      expect(changed.status).toBe(200);
      expect(changed.json).toMatchObject({ email: 'maria@new.example', name: 'Maria N.', emailVerified: false });
      expect(await newest({ accountId: 'customer-4711' }, 1)).toEqual([
        {
          action: 'account.changed',
          actor,
          accountId: 'customer-4711',
          details: { email: 'maria@new.example', name: 'Maria N.', emailVerified: false },
        },
      ]);
    });

    test('signs in with a new password from then on, and its earlier sessions are over', async () => {
      const person = new Person('maria@new.example');
      await person.signIn(await person.open(server.url('/login')), 'first-password');
      expect((await person.open(server.url('/account'))).url.pathname).toBe('/account');
      const body = { email: 'maria@new.example', name: 'Maria N.', password: 'second-password' };
      for (let n = 0; n < 2; n++) expect((await api.put(path, body)).status).toBe(200);
      expect(await newest({ accountId: 'customer-4711' }, 2)).toMatchObject([
        { action: 'account.password-set' },
        { action: 'account.changed' },
      ]);
      expect((await person.open(server.url('/account'))).url.pathname).toBe('/login');
    });

    test('takes an argon2id hash in place of a password, and nothing else that looks like one', async () => {
      const hash = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$UuZMD5wqDRHTpXUvXeiJ8yVXOVBOHcRdMv5ULVqCw1I';
      const body = { email: 'hash@example.com', name: 'H', passwordHash: hash };
      expect((await api.put('/accounts/hashed', body)).status).toBe(201);
      expect((await api.put('/accounts/hashed', body)).json.hasPassword).toBe(true);
      expect(await newest({ accountId: 'hashed' }, 5)).toHaveLength(1);
      expect(await codeOf(api.put('/accounts/hashed', { ...body, passwordHash: 'secret' }))).toBe(
        '400 invalid-request',
      );
      expect(await codeOf(api.put('/accounts/hashed', { ...body, password: 'a-password' }))).toBe(
        '400 invalid-request',
      );
    });

    test('cannot have the address of another one', async () => {
      expect(await codeOf(api.put('/accounts/other', { email: 'ADA@example.com', name: 'x' }))).toBe('409 conflict');
      expect(await codeOf(api.put(path, { email: 'ada@example.com', name: 'x' }))).toBe('409 conflict');
    });

    test('is made once, however many ask at once', async () => {
      const body = { email: 'once@example.com', name: 'Once' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => api.put('/accounts/once', body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
      expect(await newest({ accountId: 'once' }, 5)).toHaveLength(1);
    });

    test('is found by its address or by how that begins, and by nothing else', async () => {
      await api.put('/accounts/sub-1', { email: 'find.me@example.com', name: 'A' });
      await api.put('/accounts/sub-2', { email: 'find.me@example.com.au', name: 'B' });
      const ids = async (query: Record<string, string>) => (await api.all('/accounts', query)).map(({ id }) => id);
      expect(await ids({ email: 'Find.Me@example.com' })).toEqual(['sub-1']);
      expect(await ids({ emailPrefix: 'find.me@example.com' })).toEqual(['sub-1', 'sub-2']);
      expect(await ids({ emailPrefix: 'Find' })).toEqual(['sub-1', 'sub-2']);
      expect(await ids({ emailPrefix: 'find.me@example.com.' })).toEqual(['sub-2']);
      expect(await ids({ emailPrefix: 'nobody' })).toEqual([]);
      expect(await codeOf(api.get('/accounts', { email: 'nobody' }))).toBe('400 invalid-request');
    });

    test('is removed with its connections; made again under the same id, it has none of them and no session', async () => {
      const body = { email: 'leaver@example.com', name: 'Leaver', password: 'a-password' };
      await api.put('/accounts/leaver', body);
      const person = new Person('leaver@example.com');
      await person.signIn(await person.open(server.url('/login')), 'a-password');
      const { accessToken } = await client.connect({
        email: 'leaver@example.com',
        password: 'a-password',
        organization: 'Leaver (personal)',
      });
      expect(await isActive(accessToken)).toBe(true);
      expect((await api.delete('/accounts/leaver')).status).toBe(204);
      expect(await isActive(accessToken)).toBe(false);
      expect(await newest({ accountId: 'leaver' }, 1)).toMatchObject([{ action: 'account.removed', actor }]);
      expect((await api.put('/accounts/leaver', body)).status).toBe(201);
      expect(await isActive(accessToken)).toBe(false);
      expect((await person.open(server.url('/account'))).url.pathname).toBe('/login');
      expect((await api.get('/connections', { accountId: 'leaver' })).json.items).toEqual([]);
    });

    test('that owns an organization with other members stays', async () => {
      expect(await codeOf(api.delete(`/accounts/${await accountIdOf('ada@example.com')}`))).toBe('409 conflict');
    });
  });

  describe('An organization', () => {
    test('is made under an id of the product, renamed, and removed with what is in it', async () => {
      const owner = { email: 'owner-1@example.com', name: 'Owner', emailVerified: true, password: 'a-password' };
      await api.put('/accounts/owner-1', owner);
      const body = { name: 'Widgets', ownerId: 'owner-1' };
      const made = await api.put('/organizations/team-1', body);
      expect([made.status, made.json.mcpAccess, made.json.personal]).toEqual([201, true, false]);
      expect((await api.put('/organizations/team-1', body)).status).toBe(200);
      expect((await api.put('/organizations/team-1', { ...body, name: 'Gadgets' })).json.name).toBe('Gadgets');
      expect((await api.get('/organizations/team-1')).json.name).toBe('Gadgets');
      const { accessToken } = await client.connect({
        email: 'owner-1@example.com',
        password: 'a-password',
        organization: 'Gadgets',
      });
      expect((await introspect(server, accessToken)).json).toMatchObject({ org_id: 'team-1', sub: 'owner-1' });
      expect((await api.delete('/organizations/team-1')).status).toBe(204);
      expect(await isActive(accessToken)).toBe(false);
      expect(await newest({ organizationId: 'team-1' }, 5)).toMatchObject([
        { action: 'organization.removed', actor, details: { name: 'Gadgets', members: 1, connections: 1 } },
        { action: 'connection.consented' },
        { action: 'organization.renamed', actor, details: { from: 'Widgets', to: 'Gadgets' } },
        { action: 'organization.created', actor },
      ]);
    });

    test('keeps its owner, and a personal one stays as long as its account', async () => {
      const acme = await organizationIdOf('Acme Robotics');
      const linus = await accountIdOf('linus@example.com');
      expect(await codeOf(api.put(`/organizations/${acme}`, { name: 'Acme Robotics', ownerId: linus }))).toBe(
        '409 conflict',
      );
      const own = (await api.all('/organizations', { accountId: linus })).find(({ personal }) => personal);
      expect(await codeOf(api.delete(`/organizations/${own?.id}`))).toBe('403 forbidden');
      const ada = await accountIdOf('ada@example.com');
      expect(await codeOf(api.put(`/organizations/${own?.id}/members/${ada}`, { roles: [{ role: 'insights' }] }))).toBe(
        '403 forbidden',
      );
    });

    test('is listed for each of its members', async () => {
      const names = (await api.all('/organizations', { accountId: await accountIdOf('linus@example.com') })).map(
        ({ name }) => name,
      );
      expect(names.sort()).toEqual(['Acme Robotics', 'Closed Circuit', 'Linus Torvalds (personal)']);
    });
  });

  describe('A member', () => {
    test('is added, given other roles, and removed: from the next introspection on the tokens are dead', async () => {
      const acme = await organizationIdOf('Acme Robotics');
      const joiner = { email: 'joiner@example.com', name: 'Joiner', emailVerified: true, password: 'a-password' };
      await api.put('/accounts/joiner', joiner);
      const path = `/organizations/${acme}/members/joiner`;
      expect(await codeOf(api.get(path))).toBe('404 not-found');
      const viewer = { roles: [{ role: 'app-viewer', app: 'storefront' }] };
      expect((await api.put(path, viewer)).status).toBe(201);
      expect((await api.put(path, viewer)).status).toBe(200);
      const { accessToken } = await client.connect({ email: 'joiner@example.com', password: 'a-password' });
      expect((await introspect(server, accessToken)).json.roles).toEqual(viewer.roles);
      const admin = { roles: [{ role: 'account-admin' }] };
      expect((await api.put(path, admin)).json).toMatchObject({ ...admin, email: 'joiner@example.com' });
      expect((await introspect(server, accessToken)).json.roles).toEqual(admin.roles);
      expect((await api.get(path)).json.roles).toEqual(admin.roles);
      expect((await api.delete(path)).status).toBe(204);
      expect(await isActive(accessToken)).toBe(false);
      expect(await codeOf(api.delete(path))).toBe('404 not-found');
      expect((await newest({ accountId: 'joiner', organizationId: acme }, 5)).map(({ action }) => action)).toEqual([
        'member.removed',
        'member.roles-changed',
        'connection.consented',
        'member.added',
      ]);
      await api.put(path, viewer);
      expect(await isActive(accessToken)).toBe(false);
      const emails = (await api.all(`/organizations/${acme}/members`)).map(({ email }) => email);
      expect(emails.at(-1)).toBe('joiner@example.com');
      expect(emails.sort()).toEqual(['ada@', 'grace@', 'joiner@', 'linus@'].map((name) => `${name}example.com`));
    });

    test('reads in the audit log of the organization that the operator did it, and through what', async () => {
      const ada = await signedInPerson(server);
      const page = await ada.open(`${await organizationPath(server, ada, 'Acme Robotics')}/audit`);
      expect(page.html.textContent).toContain(`The operator, through ${ADMIN_CLIENT.id}`);
    });

    test('who is the account owner is never changed or removed, and nobody is made one', async () => {
      const acme = await organizationIdOf('Acme Robotics');
      const owner = `/organizations/${acme}/members/${await accountIdOf('ada@example.com')}`;
      expect(await codeOf(api.delete(owner))).toBe('403 forbidden');
      expect(await codeOf(api.put(owner, { roles: [{ role: 'insights' }] }))).toBe('403 forbidden');
      const grace = `/organizations/${acme}/members/${await accountIdOf('grace@example.com')}`;
      expect(await codeOf(api.put(grace, { roles: [{ role: 'account-owner' }] }))).toBe('400 invalid-request');
    });

    test('has roles that go together, or keeps those that it has', async () => {
      const grace = `/organizations/${await organizationIdOf('Acme Robotics')}/members/${await accountIdOf('grace@example.com')}`;
      const before = (await api.get(grace)).json;
      const exclusive = [{ role: 'account-admin' }, { role: 'insights' }];
      const { status, json } = await api.put(grace, { roles: exclusive });
      expect(status).toBe(409);
      expect(json.detail).toBe('Account Admin and PubNub Insights exclude each other; leave one of them out.');
      for (const roles of [[], [{ role: 'app-admin' }], [{ role: 'insights', app: 'x' }], [{ role: 'nothing' }]])
        expect(await codeOf(api.put(grace, { roles }))).toBe('400 invalid-request');
      expect((await api.get(grace)).json).toEqual(before);
    });
  });

  describe('MCP access', () => {
    test('switched off rejects connections at once, on lets them work again, and with removal they never do', async () => {
      const path = `/organizations/${await organizationIdOf('Beacon Labs')}/mcp-access`;
      expect((await api.get(path)).json).toEqual({ enabled: true, activeConnections: { count: 0, more: false } });
      const { accessToken } = await client.connect({ email: 'grace@example.com', organization: 'Beacon Labs' });
      const off = await api.put(path, { enabled: false });
      expect(off.json).toMatchObject({ enabled: false, activeConnections: { count: 1, more: false } });
      expect(await isActive(accessToken)).toBe(false);
      expect((await api.put(path, { enabled: false })).json).toEqual(off.json);
      await api.put(path, { enabled: true });
      expect(await isActive(accessToken)).toBe(true);
      const gone = await api.put(path, { enabled: false, removeConnections: true });
      expect(gone.json.activeConnections).toEqual({ count: 0, more: false });
      await api.put(path, { enabled: true });
      expect(await isActive(accessToken)).toBe(false);
      const organizationId = await organizationIdOf('Beacon Labs');
      expect((await newest({ organizationId }, 4)).map(({ action, actor: who }) => [action, who])).toEqual([
        ['organization.mcp-access-on', actor],
        ['organization.mcp-access-off', actor],
        ['organization.mcp-access-on', actor],
        ['organization.mcp-access-off', actor],
      ]);
    });
  });

  describe('A connection', () => {
    test('is listed and shown, and removed: the very next introspection is inactive', async () => {
      const accountId = await accountIdOf('linus@example.com');
      const first = await client.connect({ email: 'linus@example.com' });
      const second = await client.connect({ email: 'linus@example.com' });
      const { connection_id: id } = (await introspect(server, first.accessToken)).json;
      const listed = await api.all('/connections', { accountId, limit: 1 });
      expect(listed).toHaveLength(2);
      expect(listed[1]).toEqual((await api.get(`/connections/${id}`)).json);
      expect(listed[1]).toMatchObject({ id, accountId, clientName: 'Raw test client', scope: 'mcp:read' });
      expect((await api.delete(`/connections/${id}`)).status).toBe(204);
      expect(await isActive(first.accessToken)).toBe(false);
      expect((await client.refresh(first.refreshToken)).json.error).toBe('invalid_grant');
      expect(await isActive(second.accessToken)).toBe(true);
      expect(await codeOf(api.delete(`/connections/${id}`))).toBe('404 not-found');
      expect(await codeOf(api.get(`/connections/${id}`))).toBe('404 not-found');
      expect(await newest({ accountId }, 1)).toMatchObject([{ action: 'connection.removed', actor, connectionId: id }]);
    });

    test('is removed together with all of a member, an organization or an account', async () => {
      const accountId = await accountIdOf('linus@example.com');
      const organizationId = await organizationIdOf('Acme Robotics');
      const others = await client.connect({ email: 'grace@example.com' });
      for (const query of [{ accountId, organizationId }, { accountId }, { organizationId }]) {
        const { accessToken } = await client.connect({ email: 'linus@example.com' });
        const { length } = await api.all('/connections', query);
        expect((await api.delete('/connections', query)).json).toEqual({ removed: length });
        expect(await isActive(accessToken)).toBe(false);
        expect(await isActive(others.accessToken)).toBe(!('organizationId' in query) || 'accountId' in query);
        expect((await api.delete('/connections', query)).json).toEqual({ removed: 0 });
      }
    });

    test('is never removed because nothing was said about whose', async () => {
      const { accessToken } = await client.connect({ email: 'linus@example.com' });
      expect(await codeOf(api.delete('/connections'))).toBe('400 invalid-request');
      expect(await codeOf(api.delete('/connections', { accountId: '' }))).toBe('400 invalid-request');
      expect(await codeOf(api.get('/connections'))).toBe('400 invalid-request');
      expect(await isActive(accessToken)).toBe(true);
    });
  });

  describe('A list', () => {
    const add = (n: number) =>
      api.put(`/accounts/many-${n}`, { email: `many-${n}@example.com`, name: `Many ${n}`, emailVerified: true });

    test('has everything that was there, once, while records are added', async () => {
      for (let n = 10; n < 17; n++) await add(n);
      const team = { name: 'Many together', ownerId: 'many-10' };
      await api.put('/organizations/many', team);
      const roles = [{ role: 'insights' }];
      for (let n = 11; n < 17; n++) await api.put(`/organizations/many/members/many-${n}`, { roles });
      let n = 30;
      const addAnother = async () => {
        n += 1;
        await Promise.all([
          add(n).then(() => api.put(`/organizations/many/members/many-${n}`, { roles })),
          // In front of everything that was there: pages that were counted by their numbers would repeat something.
          api.put(`/accounts/early-${n}`, { email: `aaa-${n}@example.com`, name: 'Early' }),
          api.put(`/organizations/early-${n}`, { name: `0 Early ${n}`, ownerId: 'many-10' }),
        ]);
      };
      const before = Array.from({ length: 7 }, (_, i) => `many-${i + 10}`);
      for (const [path, query, field] of [
        ['/accounts', { emailPrefix: 'many-' }, 'id'],
        ['/organizations/many/members', {}, 'accountId'],
      ] as const) {
        const found = (await api.all(path, { ...query, limit: 3 }, addAnother)).map((one) => String(one[field]));
        expect(new Set(found).size).toBe(found.length);
        expect(found.filter((id) => before.includes(id))).toEqual(before);
      }
      const names = (await api.all('/organizations', { limit: 4 }, addAnother)).map(({ id }) => id);
      expect(new Set(names).size).toBe(names.length);
      const old = (await api.all('/audit', { organizationId: 'many', limit: 200 })).map(({ id }) => id);
      const events = (await api.all('/audit', { organizationId: 'many', limit: 4 }, addAnother)).map(({ id }) => id);
      expect(events.filter((id) => old.includes(id))).toEqual(old);
      const created = await api.all('/audit', { organizationId: 'many', action: 'organization.created' });
      expect(created).toHaveLength(1);
    });

    test('goes on with its own cursors alone', async () => {
      const { json } = await api.get('/accounts', { limit: 1 });
      const cursor = String(json.nextCursor);
      expect((await api.get('/accounts', { cursor })).status).toBe(200);
      for (const [path, query] of [
        ['/organizations', { cursor }],
        ['/accounts', { cursor, emailPrefix: 'a' }],
        ['/accounts', { cursor: `${cursor}A` }],
        ['/accounts', { cursor: 'x' }],
        ['/accounts', { cursor: '' }],
        ['/accounts', { limit: 0 }],
        ['/accounts', { limit: 201 }],
        ['/accounts', { limit: 'x' }],
        ['/accounts', { unknown: 'x' }],
        ['/audit', {}],
      ] as const)
        expect(await codeOf(api.get(path, query))).toBe('400 invalid-request');
    });
  });

  test('What is not there is a 404 that says so', async () => {
    const acme = await organizationIdOf('Acme Robotics');
    const ada = await accountIdOf('ada@example.com');
    const missing = [
      api.get('/accounts/none'),
      api.delete('/accounts/none'),
      api.get('/organizations', { accountId: 'none' }),
      api.get('/organizations/none'),
      api.delete('/organizations/none'),
      api.put('/organizations/new-one', { name: 'x', ownerId: 'none' }),
      api.get('/organizations/none/members'),
      api.get(`/organizations/none/members/${ada}`),
      api.put(`/organizations/none/members/${ada}`, { roles: [{ role: 'insights' }] }),
      api.put(`/organizations/${acme}/members/none`, { roles: [{ role: 'insights' }] }),
      api.delete(`/organizations/${acme}/members/none`),
      api.get('/organizations/none/mcp-access'),
      api.put('/organizations/none/mcp-access', { enabled: true }),
      api.get('/connections/none'),
      api.delete('/connections/none'),
      api.get('/connections', { accountId: 'none' }),
      api.get('/connections', { organizationId: 'none' }),
      api.delete('/connections', { organizationId: 'none' }),
    ];
    for (const answer of await Promise.all(missing)) {
      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({ code: 'not-found', status: 404, title: 'There is nothing like this' });
      expect(answer.json.type).toBe(`${server.issuer}/admin/v1/problems/not-found`);
      expect(answer.json.detail).toMatch(/none|no member/);
    }
  });

  test('Every answer that the document promises of its own was seen above', () => {
    const promised = Object.values(api.document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ operationId, responses }) => Object.keys(responses).map((status) => `${operationId} ${status}`))
      // What each operation can be refused with is in the other tests of this folder.
      .filter((one) => !/ (400|401|413|415|429|500|503)$/.test(one));
    expect(promised.filter((one) => !api.seen.has(one))).toEqual([]);
  });
});
