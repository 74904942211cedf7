/** Removing a member: a page that asks, and the form that does it. */
import type Router from '@koa/router';
import { countActiveConnections } from '../connections/activeConnections.js';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { removeMember } from '../organizations/removeMember.js';
import { describeRole } from '../organizations/roles.js';
import { pageFor } from './browserSession.js';
import { counted } from './format.js';
import { afterwards, managed } from './managedMember.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { Site } from './site.js';

/** For the account owner and account admins, who may leave in this way as well; nobody removes the account owner. */
export function memberRemovalRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/members/:account/remove',
    adminPage(site, (admin) => askToRemove(site, admin)),
  );
  router.post(
    '/organizations/:id/members/:account/remove',
    adminForm(site, 'member.change-refused', async (admin) => {
      const { account } = await managed(site, admin);
      await removeMember(site.stores, admin.actor, admin.organization.id, account.id);
      seeOther(admin.ctx, afterwards(site, admin, account.id, 'removed'));
    }),
  );
}

async function askToRemove(site: Site, admin: Administration): Promise<void> {
  const { ctx, organization, path } = admin;
  const { account, member } = await managed(site, admin);
  const count = await countActiveConnections(site.stores.durable, {
    organizationId: organization.id,
    accountId: account.id,
  });
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
