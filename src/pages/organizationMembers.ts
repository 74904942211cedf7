/** The members of an organization: the list, changing roles, removing a member. */
import type Router from '@koa/router';
import { existingAccount } from '../accounts/findAccount.js';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { changeRoles } from '../organizations/changeRoles.js';
import { manageableMember } from '../organizations/manageableMember.js';
import { removeMember } from '../organizations/removeMember.js';
import { describeRole } from '../organizations/roles.js';
import { connections } from '../stores/records/connection.js';
import { pageFor } from './browserSession.js';
import { counted } from './format.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import { showMembers } from './organizationMemberList.js';
import type { MemberRolesData } from './organizationViews.js';
import { attempted } from './problem.js';
import { assignmentsOf, type ChosenRoles, chosenRoles, rolesToChoose, shownRoles } from './roleForm.js';
import type { Site } from './site.js';

const REFUSED = 'member.change-refused';

/** For the account owner and account admins; nobody changes or removes the account owner. */
export function organizationMemberRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/members',
    adminPage(site, (admin) => showMembers(site, admin)),
  );
  router.get(
    '/organizations/:id/members/:account/roles',
    adminPage(site, async (admin) => {
      const { member } = await manageable(site, admin);
      await showRoles(site, admin, shownRoles(member.roles));
    }),
  );
  router.post(
    '/organizations/:id/members/:account/roles',
    adminForm(site, REFUSED, (admin, form) => change(site, admin, form)),
  );
  router.get(
    '/organizations/:id/members/:account/remove',
    adminPage(site, (admin) => askToRemove(site, admin)),
  );
  router.post(
    '/organizations/:id/members/:account/remove',
    adminForm(site, REFUSED, async (admin) => {
      const { account } = await manageable(site, admin);
      await removeMember(site.stores, admin.actor, admin.organization.id, account.id);
      seeOther(admin.ctx, afterwards(site, admin, account.id, 'removed'));
    }),
  );
}

/** Somebody who gave up the own membership or role may not see the list any more. */
const afterwards = (site: Site, { path, actor }: Administration, accountId: string, done: string): string =>
  accountId === actor.accountId ? `${site.config.basePath}/account/connections` : `${path}/members?done=${done}`;

async function manageable({ stores: { durable } }: Site, { ctx, actor, organization }: Administration) {
  const { member } = await manageableMember(durable, actor, organization.id, ctx.params.account ?? '');
  return { member, account: await existingAccount(durable, member.accountId) };
}

async function change(site: Site, admin: Administration, form: URLSearchParams): Promise<void> {
  const chosen = chosenRoles(form);
  const { account } = await manageable(site, admin);
  if (form.has('more')) return showRoles(site, admin, chosen);
  const { actor, ctx, organization } = admin;
  const request = async () =>
    changeRoles(site.stores, actor, {
      organizationId: organization.id,
      accountId: account.id,
      roles: assignmentsOf(chosen),
    });
  const changed = await attempted(request(), ['invalid', 'conflict']);
  if (!('problem' in changed)) return seeOther(admin.ctx, afterwards(site, admin, account.id, 'roles'));
  ctx.status = changed.code === 'conflict' ? 409 : 400;
  await showRoles(site, admin, chosen, { field: 'roles', message: changed.problem });
}

async function showRoles(
  site: Site,
  admin: Administration,
  chosen: ChosenRoles,
  error?: MemberRolesData['error'],
): Promise<void> {
  const { account } = await manageable(site, admin);
  admin.ctx.body = site.render('memberRoles', {
    page: await pageFor(site, admin.ctx, `Roles of ${account.name}`),
    organization: headOf(admin, 'members'),
    heading: 'Change roles',
    action: `${admin.path}/members/${encodeURIComponent(account.id)}/roles`,
    member: { name: account.name, email: account.email },
    email: '',
    ...rolesToChoose(chosen),
    error,
    submit: 'Save roles',
    mails: false,
    cancel: `${admin.path}/members`,
  });
}

async function askToRemove(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const { account, member } = await manageable(site, admin);
  const count = await site.stores.durable.count(connections, 'byMember', [organization.id, account.id, 'active']);
  ctx.body = site.render('organizationConfirmation', {
    page: await pageFor(site, ctx, 'Remove member'),
    organization: headOf(admin, 'members'),
    heading: account.id === admin.actor.accountId ? 'Leave this organization?' : 'Remove this member?',
    lead: count === 0 ? 'No connection ends.' : `This ends ${counted(count, 'connection')} at once.`,
    facts: [
      { name: 'Member', value: account.name, code: account.email },
      { name: 'Organization', value: organization.name },
      { name: 'Roles', value: member.roles.map(describeRole).join(', ') },
    ],
    consequences: [
      'The person cannot use this organization any more, with an MCP client or otherwise.',
      'To come back, the person has to be invited again; connections do not come back.',
    ],
    fields: [],
    action: `${path}/members/${encodeURIComponent(account.id)}/remove`,
    submit: account.id === admin.actor.accountId ? 'Leave' : 'Remove member',
    cancel: `${path}/members`,
  });
}
