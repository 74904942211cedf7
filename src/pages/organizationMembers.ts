/** The members of an organization: the list, and changing roles. */
import type Router from '@koa/router';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { changeRoles } from '../organizations/changeRoles.js';
import { pageFor } from './browserSession.js';
import { afterwards, managed } from './managedMember.js';
import { memberRemovalRoutes } from './memberRemoval.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import { showMembers } from './organizationMemberList.js';
import type { MemberRolesData } from './organizationViews.js';
import { attempted } from './problem.js';
import { assignmentsOf, type ChosenRoles, chosenRoles, rolesToChoose, shownRoles } from './roleForm.js';
import type { Site } from './site.js';

/** For the account owner and account admins; nobody changes or removes the account owner. */
export function organizationMemberRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/members',
    adminPage(site, (admin) => showMembers(site, admin)),
  );
  router.get(
    '/organizations/:id/members/:account/roles',
    adminPage(site, async (admin) => {
      const { member } = await managed(site, admin);
      await showRoles(site, admin, shownRoles(member.roles));
    }),
  );
  router.post(
    '/organizations/:id/members/:account/roles',
    adminForm(site, 'member.change-refused', (admin, form) => change(site, admin, form)),
  );
  memberRemovalRoutes(site, router);
}

async function change(site: Site, admin: Administration, form: URLSearchParams): Promise<void> {
  const chosen = chosenRoles(form);
  const { account } = await managed(site, admin);
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
  const { account } = await managed(site, admin);
  admin.ctx.body = site.render('memberRoles', {
    page: await pageFor(site, admin.ctx, `Roles of ${account.name}`),
    organization: headOf(admin, 'members'),
    heading: 'Change roles',
    action: `${admin.path}/members/${encodeURIComponent(account.id)}/roles`,
    member: { name: account.name, email: account.email, unverified: !account.emailVerified },
    email: '',
    ...rolesToChoose(chosen),
    error,
    submit: 'Save roles',
    mails: false,
    cancel: `${admin.path}/members`,
  });
}
