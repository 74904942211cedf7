/** An admin who is demoted between the check and the commit: what the admin asked for does not happen any more. */
import { describe, expect, test } from '@jest/globals';
import { inviteMember } from '../../src/accounts/invitations/inviteMember.js';
import { renewInvitation, withdrawInvitation } from '../../src/accounts/invitations/pendingInvitations.js';
import { changeRoles } from '../../src/organizations/changeRoles.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { removeMembersConnection } from '../../src/organizations/removeMembersConnection.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import type { Actor } from '../../src/stores/records/auditEvent.js';
import { invitations } from '../../src/stores/records/invitation.js';
import type { Stores } from '../../src/stores/stores.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const insights = [{ role: 'insights' as const }];

/** The same stores, but right before the first commit somebody else demotes Grace. */
async function demotingGrace(): Promise<Stores> {
  const { durable } = stores();
  const [organizationId, accountId] = [await stores().organization('Acme Robotics'), await stores().account('grace')];
  let first = true;
  return {
    ...stores(),
    durable: {
      get: (collection, id) => durable.get(collection, id),
      getEach: (...wanted) => durable.getEach(...wanted),
      list: (collection, index, key, options) => durable.list(collection, index, key, options),
      count: (collection, index, key) => durable.count(collection, index, key),
      estimate: (collection) => durable.estimate(collection),
      sweep: () => durable.sweep(),
      async commit(changes) {
        if (first) {
          first = false;
          await changeRoles(stores(), operator, { organizationId, accountId, roles: insights });
        }
        return durable.commit(changes);
      },
    },
  };
}

interface Scene {
  readonly grace: Actor;
  readonly organizationId: string;
  readonly linus: string;
  readonly connectionId: string;
  readonly invitationId: string;
}

const attempts: readonly [string, (where: Stores, scene: Scene) => Promise<unknown>][] = [
  ['the switch', (where, { grace, organizationId }) => switchMcpAccess(where, grace, organizationId, false)],
  [
    'removing a connection',
    (where, { grace, organizationId, connectionId }) =>
      removeMembersConnection(where, grace, organizationId, connectionId),
  ],
  [
    'removing a member’s connections',
    (where, { grace, organizationId, linus }) => removeConnections(where, grace, { organizationId, accountId: linus }),
  ],
  [
    'removing a client’s connections',
    (where, { grace, organizationId }) => removeConnections(where, grace, { organizationId, clientId: 'dcr_client' }),
  ],
  ['removing a member', (where, { grace, organizationId, linus }) => removeMember(where, grace, organizationId, linus)],
  [
    'changing roles',
    (where, { grace, organizationId, linus }) =>
      changeRoles(where, grace, { organizationId, accountId: linus, roles: insights }),
  ],
  [
    'inviting',
    (where, { grace, organizationId }) =>
      inviteMember(where, grace, { organizationId, email: 'x@example.com', roles: insights, mailed: false }),
  ],
  [
    'a new link',
    (where, { grace, organizationId, invitationId }) =>
      renewInvitation(where, grace, { organizationId, invitationId, mailed: false }),
  ],
  [
    'withdrawing an invitation',
    (where, { grace, organizationId, invitationId }) => withdrawInvitation(where, grace, organizationId, invitationId),
  ],
];

describe('demoted between check and commit', () => {
  test.each(attempts)('%s is refused and nothing changes', async (_what, attempt) => {
    const organizationId = await stores().organization('Acme Robotics');
    const { id: connectionId } = await stores().connect('linus', 'Acme Robotics');
    const { invitation } = await inviteMember(stores(), operator, {
      organizationId,
      email: 'invited@example.com',
      roles: insights,
      mailed: false,
    });
    const scene = {
      grace: await stores().actor('grace'),
      organizationId,
      linus: await stores().account('linus'),
      connectionId,
      invitationId: invitation.id,
    };
    await expect(attempt(await demotingGrace(), scene)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await stores().connection(connectionId)).toBeDefined();
    expect(await stores().durable.list(invitations, 'byOrganization', [organizationId])).toMatchObject([invitation]);
    const events = await stores().events(organizationId);
    expect(events.at(-1)).toMatchObject({ action: 'member.roles-changed', actor: { kind: 'operator' } });
  });
});

describe('removing connections', () => {
  test('is for the account itself, an admin of the organization, and the operator', async () => {
    await stores().connect('linus', 'Acme Robotics');
    const [linus, grace] = [await stores().account('linus'), await stores().actor('grace')];
    const organizationId = await stores().organization('Acme Robotics');
    await expect(removeConnections(stores(), grace, { accountId: linus })).rejects.toMatchObject({ code: 'forbidden' });
    const own = await stores().actor('linus');
    await expect(removeConnections(stores(), own, { organizationId })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await removeConnections(stores(), own, { accountId: linus, organizationId })).toHaveLength(1);
  });
});
