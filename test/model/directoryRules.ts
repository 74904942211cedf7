/** The rules of organizations (docs/rules.md), in memory: who may do what there, and which connections end by it. */
import { DAY, type Rules } from './rules.js';
import type { ModelInvitation, ModelOrganization, ModelPerson, RoleAssignment } from './things.js';

/** 303: done; 403: not allowed; 404: whoever is no member must not learn what there is; 409: cannot be done now. */
export type Status = 303 | 403 | 404 | 409;

const INVITATION_LIVES = 7 * DAY;

export class DirectoryRules {
  readonly invitations: ModelInvitation[] = [];

  constructor(
    readonly rules: Rules,
    readonly people: readonly ModelPerson[],
    readonly organizations: readonly ModelOrganization[],
  ) {}

  /** Rule 3. */
  switchMcpAccess(actor: ModelPerson, organization: ModelOrganization, on: boolean, removing: boolean): Status {
    const refusal = this.#refusal(actor, organization);
    if (refusal) return refusal;
    organization.mcpAccess = on;
    if (!on && removing) this.#removeConnections(organization);
    return 303;
  }

  invite(
    actor: ModelPerson,
    organization: ModelOrganization,
    invited: ModelPerson,
    roles: readonly RoleAssignment[],
  ): Status | ModelInvitation {
    const refusal = this.#refusal(actor, organization);
    if (refusal) return refusal;
    if (organization.personal) return 403;
    const open = this.invitations.some(
      (one) => one.organization === organization && one.invited === invited && this.isOpen(one),
    );
    if (open || organization.roles.has(invited)) return 409;
    const expiresAt = this.rules.now + INVITATION_LIVES;
    const invitation = { organization, invited, roles, expiresAt, open: true, token: '' };
    this.invitations.push(invitation);
    return invitation;
  }

  isOpen({ open, expiresAt }: ModelInvitation): boolean {
    return open && expiresAt > this.rules.now;
  }

  accept(person: ModelPerson, invitation: ModelInvitation): Status {
    if (!this.isOpen(invitation)) return 404;
    if (person !== invitation.invited) return 403;
    invitation.open = false;
    invitation.organization.roles.set(person, invitation.roles);
    return 303;
  }

  changeRoles(
    actor: ModelPerson,
    organization: ModelOrganization,
    member: ModelPerson,
    roles: readonly RoleAssignment[],
  ): Status {
    const refusal = this.#refusalToManage(actor, organization, member);
    if (refusal) return refusal;
    organization.roles.set(member, roles);
    return 303;
  }

  /** Rule 4: losing membership deletes that member's connections there. */
  removeMember(actor: ModelPerson, organization: ModelOrganization, member: ModelPerson): Status {
    const refusal = this.#refusalToManage(actor, organization, member);
    if (refusal) return refusal;
    organization.roles.delete(member);
    this.#removeConnections(organization, member);
    return 303;
  }

  /** Admins may remove every connection of their organization. */
  mayRemoveOthers(actor: ModelPerson, organization: ModelOrganization): Status {
    return this.#refusal(actor, organization) ?? 303;
  }

  #refusal(actor: ModelPerson, { roles }: ModelOrganization): Status | undefined {
    const own = roles.get(actor);
    if (!own) return 404;
    return own.some(({ role }) => role === 'account-owner' || role === 'account-admin') ? undefined : 403;
  }

  #refusalToManage(actor: ModelPerson, organization: ModelOrganization, member: ModelPerson): Status | undefined {
    const refusal = this.#refusal(actor, organization);
    if (refusal) return refusal;
    if (!organization.roles.has(member)) return 404;
    return organization.owner === member ? 403 : undefined;
  }

  #removeConnections(organization: ModelOrganization, person?: ModelPerson): void {
    for (const one of this.rules.connections)
      if (one.organization === organization && (person === undefined || one.person === person)) one.status = 'removed';
  }
}
