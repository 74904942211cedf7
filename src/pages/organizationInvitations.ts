/** Adding a member by email address: inviting, and sending the link again. */
import type Router from '@koa/router';
import { invitationMail } from '../accounts/invitations/invitationMail.js';
import { inviteMember } from '../accounts/invitations/inviteMember.js';
import { renewInvitation } from '../accounts/invitations/pendingInvitations.js';
import type { HttpState } from '../http/context.js';
import { within } from '../http/limits.js';
import { seeOther } from '../http/seeOther.js';
import { demandShared } from '../organizations/newMembership.js';
import { Email } from '../stores/records/account.js';
import type { Invitation } from '../stores/records/invitation.js';
import { pageFor } from './browserSession.js';
import { invitationAddress, showLinkOnce } from './invitationLinkOnce.js';
import { type Administration, adminForm, adminPage } from './organizationAccess.js';
import { headOf } from './organizationHead.js';
import type { MemberRolesData } from './organizationViews.js';
import { attempted } from './problem.js';
import { assignmentsOf, type ChosenRoles, chosenRoles, rolesToChoose } from './roleForm.js';
import type { Site } from './site.js';

const REFUSED = 'member.change-refused';

/** For the account owner and account admins; each invitation counts for `limits.rates.invitationPerAccount`, sent again as well. */
export function organizationInvitationRoutes(site: Site, router: Router<HttpState>): void {
  router.get(
    '/organizations/:id/members/add',
    adminPage(site, async (admin) => {
      demandShared(admin.organization);
      await showForm(site, admin, '', chosenRoles(new URLSearchParams()));
    }),
  );
  router.post(
    '/organizations/:id/members/add',
    adminForm(site, REFUSED, (admin, form) => add(site, admin, form)),
  );
  router.post(
    '/organizations/:id/members/invitations/:invitation/resend',
    adminForm(site, REFUSED, async (admin) => {
      const { actor, ctx, organization, person } = admin;
      await within([[site.oauth.limits.invitationPerAccount, actor.accountId]]);
      const which = { organizationId: organization.id, invitationId: ctx.params.invitation ?? '' };
      const mailed = site.mailer !== undefined;
      await deliver(site, admin, await renewInvitation(site.stores, actor, { ...which, mailed }, person));
    }),
  );
}

async function add(site: Site, admin: Administration, form: URLSearchParams): Promise<void> {
  const email = (form.get('email') ?? '').slice(0, 300);
  const chosen = chosenRoles(form);
  if (form.has('more')) return showForm(site, admin, email, chosen);
  const { actor, ctx, organization, person } = admin;
  await within([[site.oauth.limits.invitationPerAccount, actor.accountId]]);
  const mailed = site.mailer !== undefined;
  const request = async () =>
    inviteMember(
      site.stores,
      actor,
      { organizationId: organization.id, email, roles: assignmentsOf(chosen), mailed },
      person,
    );
  const invited = await attempted(request(), ['invalid', 'conflict']);
  if (!('problem' in invited)) return deliver(site, admin, invited.result);
  ctx.status = invited.code === 'conflict' ? 409 : 400;
  const aboutAddress = !Email.safeParse(email).success || invited.problem.startsWith(email.trim().toLowerCase());
  await showForm(site, admin, email, chosen, { field: aboutAddress ? 'email' : 'roles', message: invited.problem });
}

/** The link goes by mail and to nobody else, or, where no mail can be sent, to the admin. */
async function deliver(
  site: Site,
  admin: Administration,
  { invitation, token }: { invitation: Invitation; token: string },
): Promise<void> {
  const { ctx, organization, path, person } = admin;
  if (!site.mailer) {
    showLinkOnce(site, admin, token);
    return seeOther(admin.ctx, `${path}/members?done=link`);
  }
  const words = {
    organization: organization.name,
    inviter: person.account.name,
    link: invitationAddress(site, token),
  };
  try {
    await site.mailer.send(invitationMail(invitation, words));
  } catch (cause) {
    ctx.state.cause = cause;
    return seeOther(admin.ctx, `${path}/members?done=unsent`);
  }
  seeOther(admin.ctx, `${path}/members?done=invited`);
}

async function showForm(
  site: Site,
  admin: Administration,
  email: string,
  chosen: ChosenRoles,
  error?: MemberRolesData['error'],
): Promise<void> {
  admin.ctx.body = site.render('memberRoles', {
    page: await pageFor(site, admin.ctx, 'Add member'),
    organization: headOf(admin, 'members'),
    heading: 'Add member',
    action: `${admin.path}/members/add`,
    email,
    ...rolesToChoose(chosen),
    error,
    submit: site.mailer ? 'Send invitation' : 'Make invitation',
    mails: site.mailer !== undefined,
    cancel: `${admin.path}/members`,
  });
}
