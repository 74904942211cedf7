/** Withdrawing an invitation: a page that asks, and the form that does it. */
import type Router from '@koa/router';
import { existingInvitation, withdrawInvitation } from '../accounts/invitations/pendingInvitations.js';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { describeRole } from '../organizations/roles.js';
import { pageFor } from './browserSession.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { Site } from './site.js';

/** For the account owner and account admins; the page is the confirmation step of the form. */
export function invitationWithdrawalRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/members/invitations/:invitation/withdraw',
    adminPage(site, (admin) => askToWithdraw(site, admin)),
  );
  router.post(
    '/organizations/:id/members/invitations/:invitation/withdraw',
    adminForm(site, 'member.change-refused', async (admin) => {
      const { actor, ctx, organization, path } = admin;
      await withdrawInvitation(site.stores, actor, organization.id, ctx.params.invitation ?? '');
      seeOther(admin.ctx, `${path}/members?done=withdrawn`);
    }),
  );
}

async function askToWithdraw(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const invitation = await existingInvitation(site.stores.durable, organization.id, ctx.params.invitation ?? '');
  ctx.body = site.render('organizationConfirmation', {
    page: await pageFor(site, ctx, 'Withdraw invitation'),
    organization: headOf(admin, 'members'),
    heading: 'Withdraw this invitation?',
    lead: 'Its link stops working at once.',
    facts: [
      { name: 'Invited', value: invitation.email },
      { name: 'Roles', value: invitation.roles.map(describeRole).join(', ') },
    ],
    consequences: ['You can invite the same address again at any time.'],
    fields: [],
    action: `${path}/members/invitations/${encodeURIComponent(invitation.id)}/withdraw`,
    submit: 'Withdraw invitation',
    cancel: `${path}/members`,
  });
}
