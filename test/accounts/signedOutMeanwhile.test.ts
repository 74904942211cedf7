/** A person who signs out between the check of the session and the commit: what the ended session asked for does not happen. */
import { expect, test } from '@jest/globals';
import { acceptInvitation } from '../../src/accounts/invitations/acceptInvitation.js';
import { inviteMember } from '../../src/accounts/invitations/inviteMember.js';
import { pendingInvitations, renewInvitation } from '../../src/accounts/invitations/pendingInvitations.js';
import { endAllSessions } from '../../src/accounts/ownSessions.js';
import { putAccount } from '../../src/accounts/putAccount.js';
import { endSession, findSession, type SignedIn, startSession } from '../../src/accounts/sessions.js';
import { openConnection } from '../../src/connections/openConnection.js';
import { addMember } from '../../src/organizations/addMember.js';
import { createOrganization } from '../../src/organizations/createOrganization.js';
import { accounts } from '../../src/stores/records/account.js';
import { connections } from '../../src/stores/records/connection.js';
import { memberId, members } from '../../src/stores/records/member.js';
import type { Stores } from '../../src/stores/stores.js';
import { operator, overtaken, storesOfEachTest } from '../organizations/demoStores.js';

const stores = storesOfEachTest('demo');
const DEVICE = { ip: '192.0.2.1', userAgent: 'test' };

async function signedIn(): Promise<SignedIn> {
  const account = await stores().durable.get(accounts, await stores().account('grace'));
  if (!account) throw new Error('Grace has no account.');
  const { sessionId } = await startSession(stores(), account, 3_600, DEVICE);
  const found = await findSession(stores(), sessionId);
  if (!found) throw new Error('Grace is not signed in.');
  return found;
}

const signingOut = ({ sessionId }: SignedIn): Stores => overtaken(stores(), () => endSession(stores(), sessionId));

const consent = async (person: SignedIn) => ({
  accountId: person.account.id,
  organizationId: await stores().organization('Acme Robotics'),
  clientId: 'client',
  clientName: 'Client',
  resource: 'http://localhost:3001/mcp',
  scope: 'mcp:read',
});

test('consent gives no connection', async () => {
  const person = await signedIn();
  const actor = { kind: 'account' as const, accountId: person.account.id, ip: DEVICE.ip };
  expect(await openConnection(signingOut(person), actor, person, await consent(person))).toBeUndefined();
  expect(await stores().durable.list(connections, 'byAccount', [person.account.id])).toEqual([]);
  const again = await signedIn();
  expect(await openConnection(stores(), actor, again, await consent(again))).toMatchObject({ status: 'pending' });
});

test('ending all sessions ends none', async () => {
  const [person, other] = [await signedIn(), await signedIn()];
  const actor = { kind: 'account' as const, accountId: person.account.id, ip: DEVICE.ip };
  expect(await endAllSessions(signingOut(person), actor, person)).toBeUndefined();
  expect(await findSession(stores(), other.sessionId)).toBeDefined();
});

test('accepting an invitation makes no member and gives no other session', async () => {
  const [person, other] = [await signedIn(), await signedIn()];
  const organization = await createOrganization(stores(), operator, {
    name: 'Elsewhere',
    ownerId: await stores().account('ada'),
  });
  const request = {
    organizationId: organization.id,
    email: 'grace@example.com',
    roles: [{ role: 'insights' as const }],
  };
  const { token } = await inviteMember(stores(), operator, { ...request, mailed: true });
  const { id } = person.account;
  const actor = { kind: 'account' as const, accountId: id, ip: DEVICE.ip };
  for (const ending of [
    () => endSession(stores(), person.sessionId),
    () => endAllSessions(stores(), actor, other),
    async () => undefined,
  ])
    expect(await acceptInvitation(overtaken(stores(), ending), actor, person, token)).toBeUndefined();
  expect(await stores().durable.get(members, memberId(organization.id, id))).toBeUndefined();
  const accepted = await acceptInvitation(stores(), actor, await signedIn(), token);
  expect(accepted).toMatchObject({ handedOver: false, member: { accountId: id } });
});

test('inviting and sending a link again do nothing after the account is handed over', async () => {
  const [organizationId, email] = [await stores().organization('Acme Robotics'), 'invited@example.com'];
  const victim = { email: 'victim@example.com', name: 'Victim', password: 'correct horse' };
  const { account } = await putAccount(stores(), operator, 'acc_victim', victim);
  const roles = [{ role: 'account-admin' as const }];
  await addMember(stores(), operator, { organizationId, accountId: account.id, roles, acceptUnverified: true });
  const actor = { kind: 'account' as const, accountId: account.id, ip: DEVICE.ip };
  const asking = await startSession(stores(), account, 3_600, DEVICE);
  const of = { organizationId, mailed: false };
  const { invitation } = await inviteMember(stores(), operator, { ...of, email: 'other@example.com', roles });
  const handedOver = overtaken(stores(), () =>
    putAccount(stores(), operator, 'acc_victim', { ...victim, emailVerified: true, password: 'another horse' }),
  );
  const signedOut = { code: 'forbidden', message: expect.stringContaining('signed out') };
  await expect(inviteMember(handedOver, actor, { ...of, email, roles }, asking)).rejects.toMatchObject(signedOut);
  const again = renewInvitation(stores(), actor, { ...of, invitationId: invitation.id }, asking);
  await expect(again).rejects.toMatchObject(signedOut);
  expect(await pendingInvitations(stores().durable, organizationId)).toMatchObject([invitation]);
});
