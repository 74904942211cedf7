/** The list of an organization's members and of those who are invited. */
import { accountById } from '../accounts/findAccount.js';
import { pendingInvitations } from '../accounts/invitations/pendingInvitations.js';
import { type ListedMember, membersOf } from '../organizations/membersOf.js';
import { describeRole } from '../organizations/roles.js';
import type { Invitation } from '../stores/records/invitation.js';
import { pageFor } from './browserSession.js';
import { timeLeft } from './format.js';
import { invitationLinkOnce } from './invitationLinkOnce.js';
import { addressWith, queryText } from './listPlace.js';
import type { Administration } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { InvitationRow, MemberRow, MembersData } from './organizationViews.js';
import type { Site } from './site.js';

const PAGE_SIZE = 100;

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
  const all = await membersOf(site.stores.durable, organization.id);
  const text = queryText(ctx.query, 'text');
  const found = all.filter(({ account }) => matches(text, account.name, account.email));
  const page = Math.max(1, Math.min(Number(queryText(ctx.query, 'page')) || 1, Math.ceil(found.length / PAGE_SIZE)));
  const at = (number: number) => addressWith(`${path}/members`, { text, page: String(number) });
  const invitations = await pendingInvitations(site.stores.durable, organization.id);
  const link = invitationLinkOnce(site, admin, invitations);
  const done = queryText(ctx.query, 'done');
  ctx.body = site.render('members', {
    page: await pageFor(site, ctx, `Members of ${organization.name}`),
    organization: headOf(admin, 'members'),
    // Without the link, which is shown once, there is nothing to pass on.
    notice: Object.hasOwn(NOTICES, done) && (done !== 'link' || link) ? NOTICES[done] : undefined,
    link,
    members: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((one) => memberRow(admin, one)),
    total: all.length,
    text,
    invitations: await Promise.all(invitations.map((one) => invitationRow(site, one))),
    mails: site.mailer !== undefined,
    ...(page > 1 && { newer: at(page - 1) }),
    ...(found.length > page * PAGE_SIZE && { older: at(page + 1) }),
  });
}

const matches = (text: string, ...values: string[]): boolean =>
  values.some((value) => value.toLocaleLowerCase().includes(text.toLocaleLowerCase()));

const memberRow = ({ actor }: Administration, { member, account }: ListedMember): MemberRow => ({
  id: account.id,
  name: account.name,
  email: account.email,
  roles: member.roles.map(describeRole),
  owner: member.roles.some(({ role }) => role === 'account-owner'),
  you: account.id === actor.accountId,
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
