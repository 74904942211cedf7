/** The pages of an organization, for its owner and account admins. */
import type Router from '@koa/router';
import type { HttpState } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { invitationWithdrawalRoutes } from './invitationWithdrawal.js';
import { adminPage } from './organizationAccess.js';
import { organizationAuditRoutes } from './organizationAudit.js';
import { organizationConnectionRoutes } from './organizationConnections.js';
import { organizationInvitationRoutes } from './organizationInvitations.js';
import { organizationMemberRoutes } from './organizationMembers.js';
import { organizationSettingsRoutes } from './organizationSettings.js';
import type { Site } from './site.js';

/** All of them; the path of the organization itself leads to its settings. */
export function organizationRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id',
    adminPage(site, async (admin) => seeOther(admin.ctx, `${admin.path}/settings`)),
  );
  organizationSettingsRoutes(site, router);
  organizationInvitationRoutes(site, router);
  invitationWithdrawalRoutes(site, router);
  organizationMemberRoutes(site, router);
  organizationConnectionRoutes(site, router);
  organizationAuditRoutes(site, router);
}
