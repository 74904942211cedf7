/** The list of an organization's members and of those who are invited. */
import { accountById } from '../accounts/findAccount.js';
import { pendingInvitations } from '../accounts/invitations/pendingInvitations.js';
import { type ListedMember, memberPage } from '../organizations/membersOf.js';
import { describeRole } from '../organizations/roles.js';
import type { Invitation } from '../stores/records/invitation.js';
import { members } from '../stores/records/member.js';
import { pageFor } from './browserSession.js';
import { timeLeft } from './format.js';
import { invitationLinkOnce } from './invitationLinkOnce.js';
import { addressWith, placeOf, placeText, queryText } from './listPlace.js';
import type { Administration } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { InvitationRow, MemberRow, MembersData } from './organizationViews.js';
import type { Site } from './site.js';

const PAGE_SIZE = 100;
/** So many open invitations are shown, the oldest. */
const INVITATIONS = 200;

const NOTICES: Readonly<Record<string, MembersData['notice']>> = {
  removed: { kind: 'good', text: 'The member was removed, and the connections with it.' },
  roles: { kind: 'good', text: 'The roles were changed. They count from now on.' },
  invited: { kind: 'good', text: 'The invitation was sent. It works once, for seven days.' },
  link: { kind: 'good', text: 'The invitation is ready. Pass the link on; it works once, for seven days.' },
  unsent: {
    kind: 'caution',
    text: 'The person is invited, but the mail server did not take the message. Choose "Resend" to try again.',
  },
  withdrawn: { kind: 'good', text: 'The invitation was withdrawn. Its link does not work any more.' },
};

/** Renders the list; `text` narrows it to a name or address. */
export async function showMembers(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const { durable } = site.stores;
  const text = queryText(ctx.query, 'text');
  const after = placeOf(ctx.query.after, 'number');
  const { listed, next } = await memberPage(durable, organization, { text, size: PAGE_SIZE, after });
  const invitations = await pendingInvitations(site.stores.durable, organization.id);
  const link = invitationLinkOnce(site, admin, invitations);
  const done = queryText(ctx.query, 'done');
  ctx.body = site.render('members', {
    page: await pageFor(site, ctx, `Members of ${organization.name}`),
    organization: headOf(admin, 'members'),
    // Without the link, which is shown once, there is nothing to pass on.
    notice: Object.hasOwn(NOTICES, done) && (done !== 'link' || link) ? NOTICES[done] : undefined,
    link,
    members: listed.map((one) => memberRow(admin, one)),
    total: await durable.count(members, 'byOrganization', [organization.id]),
    text,
    invitations: await Promise.all(invitations.slice(0, INVITATIONS).map((one) => invitationRow(site, one))),
    furtherInvitations: Math.max(0, invitations.length - INVITATIONS),
    mails: site.mailer !== undefined,
    ...(after && { newer: addressWith(`${path}/members`, { text }) }),
    ...(next && { older: addressWith(`${path}/members`, { text, after: placeText(next) }) }),
  });
}

const memberRow = ({ actor }: Administration, { member, account }: ListedMember): MemberRow => ({
  id: account.id,
  name: account.name,
  email: account.email,
  roles: member.roles.map(describeRole),
  owner: member.roles.some(({ role }) => role === 'account-owner'),
  you: account.id === actor.accountId,
  unverified: !account.emailVerified,
  joinedAt: new Date(member.createdAt).toISOString(),
});

async function invitationRow({ stores }: Site, invitation: Invitation): Promise<InvitationRow> {
  const { id, email, roles, invitedBy, keptUntil, mailed } = invitation;
  const inviter = invitedBy === undefined ? undefined : await accountById(stores.durable, invitedBy);
  return {
    id,
    email,
    roles: roles.map(describeRole),
    invitedBy: inviter?.name ?? 'the operator',
    expiresAt: new Date(keptUntil).toISOString(),
    timeLeft: timeLeft(keptUntil),
    mailed,
  };
}
