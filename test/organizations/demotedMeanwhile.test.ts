/** An admin who is demoted between the check and the commit: what the admin asked for does not happen any more. */
import { describe, expect, test } from '@jest/globals';
import { existingAccount } from '../../src/accounts/findAccount.js';
import { acceptInvitation, joinWithNewAccount } from '../../src/accounts/invitations/acceptInvitation.js';
import { inviteMember } from '../../src/accounts/invitations/inviteMember.js';
import {
  pendingInvitations,
  renewInvitation,
  withdrawInvitation,
} from '../../src/accounts/invitations/pendingInvitations.js';
import { startSession } from '../../src/accounts/sessions.js';
import { changeRoles } from '../../src/organizations/changeRoles.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { removeMembersConnection } from '../../src/organizations/removeMembersConnection.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import { insert } from '../../src/stores/durable.js';
import type { Actor } from '../../src/stores/records/auditEvent.js';
import { invitations } from '../../src/stores/records/invitation.js';
import type { Stores } from '../../src/stores/stores.js';
import { operator, overtaken, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const insights = [{ role: 'insights' as const }];

const demoteGrace = async () => {
  const [organizationId, accountId] = [await stores().organization('Acme Robotics'), await stores().account('grace')];
  await changeRoles(stores(), operator, { organizationId, accountId, roles: insights });
};

/** The same stores, but right before the first commit Grace is demoted. */
const demotingGrace = (meanwhile: () => Promise<unknown> = demoteGrace): Stores => overtaken(stores(), meanwhile);

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
    await expect(attempt(demotingGrace(), scene)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await stores().connection(connectionId)).toBeDefined();
    expect(await stores().durable.list(invitations, 'byOrganization', [organizationId])).toMatchObject([invitation]);
    const events = await stores().events(organizationId);
    expect(events.at(-1)).toMatchObject({ action: 'member.roles-changed', actor: { kind: 'operator' } });
  });
});

describe('an invitation of an admin', () => {
  const invitationBy = async (name: string, email: string) =>
    inviteMember(stores(), await stores().actor(name), {
      organizationId: await stores().organization('Acme Robotics'),
      email,
      roles: insights,
      mailed: false,
    });
  const withdrawn = async () => {
    const organizationId = await stores().organization('Acme Robotics');
    expect(await stores().durable.list(invitations, 'byOrganization', [organizationId])).toEqual([]);
    const events = await stores().events(organizationId);
    expect(events.filter(({ action }) => action === 'invitation.withdrawn')).toMatchObject([
      { actor: { kind: 'operator' }, details: { by: 'its inviter may no longer administer the organization' } },
    ]);
    expect(events.some(({ action }) => action === 'invitation.accepted')).toBe(false);
  };

  test('who is demoted while a new person accepts makes nobody a member', async () => {
    const { token } = await invitationBy('grace', 'new@example.com');
    const joining = joinWithNewAccount(demotingGrace(), { ip: '127.0.0.1' }, token, {
      name: 'New',
      password: 'correct horse battery',
    });
    await expect(joining).rejects.toMatchObject({ code: 'not-found' });
    await withdrawn();
  });

  test('who is demoted while an account accepts makes nobody a member', async () => {
    const organizationId = await stores().organization('Acme Robotics');
    await removeMember(stores(), operator, organizationId, await stores().account('linus'));
    const { token } = await invitationBy('grace', 'linus@example.com');
    const account = await existingAccount(stores().durable, await stores().account('linus'));
    const linus = { kind: 'account' as const, accountId: account.id };
    const signedIn = await startSession(stores(), account, 3_600, { ip: '192.0.2.1', userAgent: 'test' });
    await expect(acceptInvitation(demotingGrace(), linus, signedIn, token)).rejects.toMatchObject({
      code: 'not-found',
    });
    await withdrawn();
  });

  test.each<[string, (where: Stores, organizationId: string, grace: string) => Promise<unknown>]>([
    [
      'demoting',
      (where, organizationId, accountId) =>
        changeRoles(where, operator, { organizationId, accountId, roles: insights }),
    ],
    ['removing', (where, organizationId, grace) => removeMember(where, operator, organizationId, grace)],
  ])('who invites while the operator is %s them is withdrawn as well', async (_what, end) => {
    const [organizationId, grace] = [await stores().organization('Acme Robotics'), await stores().account('grace')];
    await end(
      demotingGrace(() => invitationBy('grace', 'late@example.com')),
      organizationId,
      grace,
    );
    await withdrawn();
  });

  test('who was demoted by an earlier version does not keep the address from being invited again', async () => {
    const { invitation } = await invitationBy('grace', 'again@example.com');
    await demoteGrace();
    await stores().durable.commit([insert(invitations, invitation)]);
    expect(await pendingInvitations(stores().durable, invitation.organizationId)).toEqual([]);
    const { invitation: next } = await invitationBy('ada', 'again@example.com');
    expect(await pendingInvitations(stores().durable, invitation.organizationId)).toMatchObject([{ id: next.id }]);
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
    expect(await removeConnections(stores(), own, { accountId: linus, organizationId })).toBe(1);
  });
});
