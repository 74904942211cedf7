/** Which memberships an import adds and changes; those that are missing from the file stay. */
import { accountByEmail } from '../../accounts/findAccount.js';
import { invitationsEnd } from '../../accounts/invitations/inviterAuthority.js';
import { audit } from '../../audit.js';
import { insert } from '../../stores/durable.js';
import { type Account, accounts } from '../../stores/records/account.js';
import { type Member, memberId, members } from '../../stores/records/member.js';
import { organizations } from '../../stores/records/organization.js';
import { givesNothing, unverifiedProblem } from '../demandVerified.js';
import { roleProblem, sameRoles } from '../roleProblem.js';
import { roleDetails } from '../roles.js';
import { withRoles } from '../withRoles.js';
import { type DirectoryFile, millisecondsOf } from './directoryFile.js';
import {
  afterwards,
  type Draft,
  type PlannedOrganization,
  type PlannedOrganizations,
  relyOn,
  rewrite,
  touch,
  VERIFY,
} from './draft.js';
import type { AddedAccounts } from './planAccounts.js';

type Entry = DirectoryFile['members'][number];

/** The organizations that a reference can mean: by id, else by name; what the file says of one counts before what is stored. */
async function referredTo(
  draft: Draft,
  reference: string,
  planned: PlannedOrganizations,
): Promise<PlannedOrganization[]> {
  const byId = planned.byId.get(reference) ?? (await draft.durable.get(organizations, reference));
  if (byId) return [byId];
  const storedByName = await draft.durable.list(organizations, 'byName', [reference]);
  return [...(planned.byName.get(reference) ?? []), ...storedByName.filter(({ id }) => !planned.byId.has(id))];
}

/** Writes the membership, and has removals of either end in the meantime make the import start again. */
async function write(draft: Draft, entry: Entry, organizationId: string, account: Account): Promise<void> {
  const id = memberId(organizationId, account.id);
  const { roles, mappedRoles } = entry;
  const about = { organizationId, accountId: account.id, details: roleDetails(roles) };
  const member = await draft.durable.get(members, id);
  const changed = member && withRoles(member, roles, mappedRoles);
  if (changed && sameRoles(member.roles, roles) && sameRoles(member.mappedRoles ?? [], changed.mappedRoles ?? [])) {
    draft.summary.members.unchanged++;
    return;
  }
  if (changed) {
    draft.summary.members.changed++;
    rewrite(draft, members, changed);
    // Invitations of a former holder are withdrawn with the account.
    const handedOver = draft.formerlyHeld.has(account.id);
    draft.additions.push(
      ...(handedOver ? [] : await invitationsEnd(draft.durable, draft.actor, member, roles)),
      audit(draft.actor, { action: 'member.roles-changed', ...about }),
    );
    return;
  }
  draft.summary.members.added++;
  const organization = await draft.durable.get(organizations, organizationId);
  if (organization) touch(draft, organizations, organization);
  const existing = await draft.durable.get(accounts, account.id);
  if (existing) relyOn(draft, accounts, existing);
  const createdAt = millisecondsOf(entry.createdAt) ?? Date.now();
  const added: Member = { id, organizationId, accountId: account.id, roles: [], createdAt };
  draft.additions.push(
    insert(members, withRoles(added, roles, mappedRoles)),
    audit(draft.actor, { action: 'member.added', ...about }),
  );
}

/**
 * Plans the file's memberships.
 * @param draft collects changes and problems
 * @param added the accounts that this import adds
 * @param planned the organizations of the file and the personal ones of added accounts
 */
export async function planMembers(draft: Draft, added: AddedAccounts, planned: PlannedOrganizations): Promise<void> {
  const seen = new Set<string>();
  for (const [index, entry] of draft.file.members.entries()) {
    draft.advance();
    const report = (field: string, message: string, ...deeper: (string | number)[]): void => {
      draft.problems.push({ path: ['members', index, field, ...deeper], message });
    };
    const problem = roleProblem(entry.roles);
    if (problem) report('roles', problem.message, problem.index, 'role');
    if (!givesNothing(entry.mappedRoles ?? [], entry.roles))
      report('mappedRoles', 'Each of these roles has to be among "roles" too.');

    const existing = await accountByEmail(draft.durable, entry.account);
    const account = added.get(entry.account)?.account ?? (existing && afterwards(draft, accounts, existing));
    if (!account) report('account', `There is no account ${entry.account}, neither in the file nor here.`);

    const [organization, another] = await referredTo(draft, entry.organization, planned);
    if (!organization)
      report('organization', `There is no organization "${entry.organization}", neither in the file nor here.`);
    else if (another) report('organization', `Several organizations are called "${entry.organization}"; give the id.`);
    else if (organization.personal) report('organization', 'Nobody can be added to a personal organization.');
    else if (account?.id === organization.ownerId)
      report(
        'account',
        `${entry.account} is the Account Owner of "${organization.name}" and has no other roles there.`,
      );
    else if (account) {
      const id = memberId(organization.id, account.id);
      if (seen.has(id))
        report('account', `${entry.account} is in "${organization.name}" twice; put all roles in one entry.`);
      else if (!problem) {
        const before = await draft.durable.get(members, id);
        if (!draft.acceptUnverified && !account.emailVerified && !givesNothing(entry.roles, before?.roles ?? []))
          report('account', unverifiedProblem(account, VERIFY));
        await write(draft, entry, organization.id, account);
      }
      seen.add(id);
    }
  }
}
