/** Who holds an account: when its address becomes verified, everything that was held until then ends in the same commit. */
import { withConnectionsEnded } from '../connections/endedConnections.js';
import { connectionsEnd } from '../organizations/removeConnections.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, replace, unchanged } from '../stores/durable.js';
import { type Account, accounts, type VerifiedAddress } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import { invitationsByEnd } from './invitations/inviterAuthority.js';
import { withSessionsEnded } from './sessions.js';

/** The only place that says so: the type of accounts takes no other value for true. */
const VERIFIED = true as VerifiedAddress;

/** Whether an account without any former holder, a new one, has a verified address. */
export const ofNewAccount = (emailVerified: boolean): VerifiedAddress | false => emailVerified && VERIFIED;

/** What an account has from now on; what is left out stays as it is, unless a former holder may know or hold it. */
export interface Given extends Partial<Pick<Account, 'email' | 'name'>> {
  readonly emailVerified: boolean;
  /** A new password's hash. */
  readonly passwordHash?: string | undefined;
  /** The upstream identity that it is linked to. */
  readonly upstream?: Required<Pick<Account, 'upstreamIssuer' | 'upstreamSubject'>> | undefined;
}

export interface Handover {
  readonly account: Stored<Account>;
  /** Whether a former holder lost everything. */
  readonly ended: boolean;
  /** Memberships to commit `unchanged`: at each of them the former holder may invite people at this moment. */
  readonly memberships: readonly Stored<Member>[];
  /** Ends connections and invitations. */
  readonly changes: readonly Change[];
}

/**
 * Decides what an account is from now on. Every path on which an address becomes verified, or on which anyone other
 * than the signed-in person sets a password or an upstream identity, goes through here.
 *
 * While the address is unverified, its maker may have chosen another person's address. So when
 * the address becomes verified, or the operator hands the account out with a password or identity, the former holder loses
 * in the same commit the password, the upstream identity, all sign-in sessions and links to set a password, all connections,
 * and the invitations that the account made. Its memberships, its organizations and their members stay.
 * @param actor who hands it over: the person, or the operator
 * @param before the account as it was read
 */
export async function handOver(
  durable: DurableStore,
  actor: Actor,
  before: Stored<Account>,
  { emailVerified, passwordHash, upstream, ...given }: Given,
): Promise<Handover> {
  const fields = { ...before, ...given, emailVerified: ofNewAccount(emailVerified) };
  const credentials = { ...(passwordHash !== undefined && { passwordHash }), ...upstream };
  const handedOut = emailVerified || passwordHash !== undefined || upstream !== undefined;
  if (before.emailVerified || !handedOut) {
    const account = { ...fields, ...credentials };
    return keptBy(passwordHash === undefined ? account : withSessionsEnded(account));
  }
  const { passwordHash: _, upstreamIssuer: __, upstreamSubject: ___, ...rest } = fields;
  const by = 'of the holder of the account before its address was verified';
  const [connections, invited] = await Promise.all([
    connectionsEnd(durable, actor, { accountId: before.id }, by),
    invitationsByEnd(durable, actor, { ...rest, ...credentials }),
  ]);
  return {
    account: withConnectionsEnded(withSessionsEnded(invited.account)),
    ended: true,
    memberships: invited.memberships,
    changes: [...connections.changes, ...invited.changes],
  };
}

/** An account that changes and stays with the same holder. */
export const keptBy = (account: Stored<Account>): Handover => ({
  account,
  ended: false,
  memberships: [],
  changes: [],
});

/** The changes of a handover, for a commit that has no others of the same account and memberships. */
export const handoverChanges = ({ account, memberships, changes }: Handover): Change[] => [
  ...memberships.map((member) => unchanged(members, member)),
  replace(accounts, account),
  ...changes,
];

/** What an audit event says of a handover. */
export const formerHolderDetails = ({ ended }: Handover): { formerHolder?: string } =>
  ended ? { formerHolder: 'signed out; password, connections and invitations removed' } : {};
