/** The rules of organizations (docs/rules.md), in memory: who may do what there, and which connections end by it. */
import { DAY } from './moments.js';
import type { Rules } from './rules.js';
import type { ModelInvitation, ModelOrganization, ModelPerson, RoleAssignment } from './things.js';

/** 403: not allowed; 404: whoever is no member must not learn what there is; 409: cannot be done now. */
export type Refusal = 403 | 404 | 409;

const INVITATION_LIVES = 7 * DAY;

/** Who may administer an organization: its owner and account admins. The operator is no person and always may. */
export const mayAdminister = (person: ModelPerson, { roles }: ModelOrganization): boolean =>
  (roles.get(person) ?? []).some(({ role }) => role === 'account-owner' || role === 'account-admin');

export class DirectoryRules {
  readonly invitations: ModelInvitation[] = [];

  constructor(
    readonly rules: Rules,
    readonly people: readonly ModelPerson[],
    readonly organizations: readonly ModelOrganization[],
  ) {}

  /** Why a person may not administer an organization. */
  refusalOf(actor: ModelPerson, organization: ModelOrganization, what: string): Refusal | undefined {
    return this.rules.decisions.refusal<Refusal>({
      [`a stranger's ${what}`]: !organization.roles.has(actor) && 404,
      [`a plain member's ${what}`]: organization.roles.has(actor) && !mayAdminister(actor, organization) && 403,
    });
  }

  /** Rule 3. */
  switchMcpAccess(organization: ModelOrganization, on: boolean, removing: boolean): void {
    organization.mcpAccess = on;
    if (removing) this.removeConnections(organization);
  }

  invite(
    inviter: ModelPerson,
    organization: ModelOrganization,
    invited: ModelPerson,
    roles: readonly RoleAssignment[],
  ): Refusal | ModelInvitation {
    const open = this.invitations.some(
      (one) => one.organization === organization && one.invited === invited && this.isOpen(one),
    );
    const refusal = this.rules.decisions.refusal<Refusal>({
      'invitation into a personal organization': organization.personal && 403,
      'invitation of somebody who is invited': open && 409,
      'invitation of a member': organization.roles.has(invited) && 409,
    });
    if (refusal) return refusal;
    const expiresAt = this.rules.now + INVITATION_LIVES;
    const invitation = { inviter, organization, invited, roles, expiresAt, open: true, token: '' };
    this.invitations.push(invitation);
    return invitation;
  }

  isOpen({ open, expiresAt }: ModelInvitation): boolean {
    return open && expiresAt > this.rules.now;
  }

  accept(person: ModelPerson, invitation: ModelInvitation): Refusal | undefined {
    const { organization, invited, roles } = invitation;
    const refusal = this.rules.decisions.refusal<Refusal>({
      'invitation that was used or withdrawn': !invitation.open && 404,
      'invitation after a week': invitation.expiresAt <= this.rules.now && 404,
      'invitation of another address': person !== invited && 403,
      'invitation of somebody who joined meanwhile': organization.roles.has(person) && 409,
    });
    if (refusal) return refusal;
    this.rules.decisions.note('an invitation is accepted');
    invitation.open = false;
    organization.roles.set(person, roles);
    return undefined;
  }

  setRoles(organization: ModelOrganization, member: ModelPerson, roles: readonly RoleAssignment[]): void {
    organization.roles.set(member, roles);
    this.#withdraw(organization);
  }

  /** What a former admin invited is withdrawn, and stays so. */
  #withdraw(organization: ModelOrganization): void {
    for (const one of this.invitations)
      if (one.organization === organization && !mayAdminister(one.inviter, organization)) one.open = false;
  }

  /** Why nobody may change or remove this membership. */
  refusalToManage({ owner, roles }: ModelOrganization, member: ModelPerson, what: string): Refusal | undefined {
    return this.rules.decisions.refusal<Refusal>({
      [`${what} of somebody who is no member`]: !roles.has(member) && 404,
      [`${what} of the owner`]: owner === member && 403,
    });
  }

  /** Rule 4: losing membership deletes that member's connections there. */
  removeMember(organization: ModelOrganization, member: ModelPerson): void {
    organization.roles.delete(member);
    this.#withdraw(organization);
    this.removeConnections(organization, member);
  }

  removeConnections(organization: ModelOrganization, person?: ModelPerson): void {
    for (const one of this.rules.connections)
      if (one.organization === organization && (person === undefined || one.person === person)) one.status = 'removed';
  }
}
