import { describe, expect, test } from '@jest/globals';
import { existingOrganization } from '../../src/organizations/findOrganization.js';
import { affectedByMcpAccess, switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const acme = (): Promise<string> => stores().organization('Acme Robotics');

async function connectEverybody(): Promise<string[]> {
  const made = [
    await stores().connect('linus', 'Acme Robotics'),
    await stores().connect('linus', 'Acme Robotics'),
    await stores().connect('grace', 'Acme Robotics'),
  ];
  await stores().connect('ada', 'Acme Robotics', 'pending');
  await stores().connect('grace', 'Beacon Labs');
  return made.map(({ id }) => id);
}

describe('switching MCP access', () => {
  test('changes the organization’s record: the switch, who moved it and when', async () => {
    const before = await existingOrganization(stores().durable, await acme());
    const start = Date.now();
    const ada = await stores().account('ada');
    await switchMcpAccess(stores(), { kind: 'account', accountId: ada }, await acme(), false);
    const after = await existingOrganization(stores().durable, await acme());
    expect(after).toEqual({
      ...before,
      revision: expect.anything(),
      mcpAccess: false,
      mcpAccessChangedBy: ada,
      mcpAccessChangedAt: expect.any(Number),
    });
    expect(after.mcpAccessChangedAt).toBeGreaterThanOrEqual(start);
  });

  test('by the operator names nobody', async () => {
    await switchMcpAccess(stores(), await stores().actor('ada'), await acme(), false);
    await switchMcpAccess(stores(), operator, await acme(), true);
    expect(await existingOrganization(stores().durable, await acme())).not.toHaveProperty('mcpAccessChangedBy');
  });

  test('keeps all connections', async () => {
    const made = await connectEverybody();
    const before = await Promise.all(made.map((id) => stores().connection(id)));
    const switched = await switchMcpAccess(stores(), operator, await acme(), false);
    expect(switched).toMatchObject({ changed: true, connectionsRemoved: false });
    expect(await Promise.all(made.map((id) => stores().connection(id)))).toEqual(before);
  });

  test('can be asked beforehand what it would affect', async () => {
    await connectEverybody();
    expect(await affectedByMcpAccess(stores().durable, await acme())).toEqual({ connections: 3, members: 2 });
    expect((await existingOrganization(stores().durable, await acme())).mcpAccess).toBe(true);
  });

  test('removes the organization’s connections in the same step when that is asked for', async () => {
    const made = await connectEverybody();
    const elsewhere = await stores().connect('ada', 'Beacon Labs');
    await switchMcpAccess(stores(), operator, await acme(), false, { removeConnections: true });
    for (const id of made) expect(await stores().connection(id)).toBeUndefined();
    expect(await stores().connection(elsewhere.id)).toBeDefined();
  });

  test('removes connections also where it is off already', async () => {
    const [id = ''] = await connectEverybody();
    await switchMcpAccess(stores(), operator, await acme(), false);
    const again = await switchMcpAccess(stores(), operator, await acme(), false, { removeConnections: true });
    expect(again).toMatchObject({ changed: false, connectionsRemoved: true });
    expect(await stores().connection(id)).toBeUndefined();
    expect((await stores().events(await acme())).at(-1)).toMatchObject({ action: 'connection.removed' });
  });

  test('to where it stands already changes nothing, not even who and when', async () => {
    await switchMcpAccess(stores(), await stores().actor('ada'), await acme(), false);
    const before = await existingOrganization(stores().durable, await acme());
    const events = await stores().events(await acme());
    expect(await switchMcpAccess(stores(), await stores().actor('grace'), await acme(), false)).toMatchObject({
      changed: false,
    });
    expect(await existingOrganization(stores().durable, await acme())).toEqual(before);
    expect(await stores().events(await acme())).toEqual(events);
  });

  test('is written to the audit log, with how many connections were removed', async () => {
    await connectEverybody();
    const ada = await stores().actor('ada');
    await switchMcpAccess(stores(), ada, await acme(), false);
    await switchMcpAccess(stores(), ada, await acme(), true);
    await switchMcpAccess(stores(), ada, await acme(), false, { removeConnections: true });
    expect((await stores().events(await acme())).slice(-3)).toMatchObject([
      { action: 'organization.mcp-access-off', actor: ada, details: { connectionsRemoved: false } },
      { action: 'organization.mcp-access-on', actor: ada, details: { connectionsRemoved: false } },
      {
        action: 'organization.mcp-access-off',
        actor: ada,
        details: { connections: 3, members: 2, connectionsRemoved: true },
      },
    ]);
  });
});

describe('who may switch MCP access', () => {
  test.each([
    ['the account owner', 'ada'],
    ['an account admin', 'grace'],
  ])('%s may', async (_role, name) => {
    const switched = await switchMcpAccess(stores(), await stores().actor(name), await acme(), false);
    expect(switched.organization.mcpAccess).toBe(false);
  });

  test('a member with another role may not', async () => {
    await expect(switchMcpAccess(stores(), await stores().actor('linus'), await acme(), false)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect((await existingOrganization(stores().durable, await acme())).mcpAccess).toBe(true);
  });

  test('for who is no member the organization is not there', async () => {
    const closed = await stores().organization('Closed Circuit');
    await expect(switchMcpAccess(stores(), await stores().actor('grace'), closed, true)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('an unknown organization is not found by the operator', async () => {
    await expect(switchMcpAccess(stores(), operator, 'org_unknown', true)).rejects.toMatchObject({ code: 'not-found' });
  });
});
