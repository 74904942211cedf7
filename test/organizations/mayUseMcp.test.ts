import { describe, expect, test } from '@jest/globals';
import { mayUseMcp, mcpDecision, organizationsForMcp } from '../../src/organizations/mayUseMcp.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { removeOrganization } from '../../src/organizations/removeOrganization.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import type { Member } from '../../src/stores/records/member.js';
import type { Organization } from '../../src/stores/records/organization.js';
import { operator, storesOfEachTest } from './demoStores.js';

const organization: Organization = {
  id: 'org_1',
  name: 'Acme',
  personal: false,
  ownerId: 'acc_1',
  mcpAccess: true,
  createdAt: 0,
};
const member: Member = {
  id: 'org_1:acc_2',
  organizationId: 'org_1',
  accountId: 'acc_2',
  roles: [{ role: 'insights' }],
  createdAt: 0,
};

describe('the MCP access policy', () => {
  test('allows a member of an organization whose MCP access is on, whatever the role', () => {
    expect(mcpDecision(organization, member)).toEqual({ allowed: true, organization, member });
  });

  test('refuses an organization that does not exist', () => {
    expect(mcpDecision(undefined, member)).toEqual({ allowed: false, reason: 'organization-gone' });
  });

  test('refuses while MCP access is off, the owner too', () => {
    const owner: Member = { ...member, roles: [{ role: 'account-owner' }] };
    expect(mcpDecision({ ...organization, mcpAccess: false }, owner)).toEqual({
      allowed: false,
      reason: 'mcp-access-off',
    });
  });

  test('refuses who is no member, and tells them nothing about the switch', () => {
    expect(mcpDecision(organization, undefined)).toEqual({ allowed: false, reason: 'not-a-member' });
    expect(mcpDecision({ ...organization, mcpAccess: false }, undefined)).toMatchObject({ reason: 'not-a-member' });
  });

  test('refuses the membership of another organization', () => {
    expect(mcpDecision({ ...organization, id: 'org_2' }, member)).toMatchObject({ reason: 'not-a-member' });
  });
});

describe('the MCP access policy reads what is stored now', () => {
  const stores = storesOfEachTest('demo');
  const decide = async (person: string, name: string) =>
    mayUseMcp(stores().durable, await stores().account(person), await stores().organization(name));

  test('allowed: with both records', async () => {
    const decision = await decide('linus', 'Acme Robotics');
    expect(decision).toMatchObject({
      allowed: true,
      organization: { name: 'Acme Robotics' },
      member: { roles: [{ role: 'app-viewer', app: 'storefront' }] },
    });
  });

  test('the switch counts from the moment it is moved, in both directions', async () => {
    const id = await stores().organization('Acme Robotics');
    await switchMcpAccess(stores(), operator, id, false);
    expect(await decide('linus', 'Acme Robotics')).toEqual({ allowed: false, reason: 'mcp-access-off' });
    await switchMcpAccess(stores(), operator, id, true);
    expect(await decide('linus', 'Acme Robotics')).toMatchObject({ allowed: true });
  });

  test('a removed member is refused', async () => {
    const [id, linus] = [await stores().organization('Acme Robotics'), await stores().account('linus')];
    await removeMember(stores(), operator, id, linus);
    expect(await mayUseMcp(stores().durable, linus, id)).toEqual({ allowed: false, reason: 'not-a-member' });
  });

  test('a removed organization is refused', async () => {
    const [id, ada] = [await stores().organization('Acme Robotics'), await stores().account('ada')];
    await removeOrganization(stores(), operator, id);
    expect(await mayUseMcp(stores().durable, ada, id)).toEqual({ allowed: false, reason: 'organization-gone' });
  });
});

describe('the organizations that the consent page offers', () => {
  const stores = storesOfEachTest('demo');
  const offered = async (person: string): Promise<string[]> => {
    const found = await organizationsForMcp(stores().durable, await stores().account(person));
    return found.map(({ name }) => name);
  };

  test('are those with MCP access, the personal one first, then by name', async () => {
    expect(await offered('ada')).toEqual(['Ada Lovelace (personal)', 'Acme Robotics', 'Beacon Labs']);
  });

  test('lack one whose MCP access is off, for its owner too', async () => {
    expect(await offered('linus')).toEqual(['Linus Torvalds (personal)', 'Acme Robotics']);
  });

  test('can be none', async () => {
    for (const name of ['Linus Torvalds (personal)', 'Acme Robotics'])
      await switchMcpAccess(stores(), operator, await stores().organization(name), false);
    expect(await offered('linus')).toEqual([]);
  });
});
