/** Which account an upstream identity is: the linked one, else the one with its verified address, else a new one. */
import { audit } from '../../audit.js';
import { newId } from '../../ids.js';
import type { Stored } from '../../stores/collection.js';
import type { Change, DurableStore } from '../../stores/durable.js';
import { type Account, accounts, Email } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { accountByEmail } from '../findAccount.js';
import { formerHolderDetails, handOver, handoverChanges } from '../holder.js';
import { newAccount } from '../newAccount.js';
import type { UpstreamIdentity } from './identity.js';
import { UpstreamRefusal } from './refusal.js';

/**
 * Finds, links or creates the account of an identity. Of several first sign-ins at once one writes, the others find it.
 * @param stores where the directory is
 * @param identity whose id_token was validated
 * @param origin the address that the request came from
 * @returns the account as it is now
 * @throws UpstreamRefusal `no-email` or `unverified-email` for an identity without an account that the upstream vouches
 *   for no address of; `claimed` when the account with its address belongs to another identity
 */
export async function accountOfIdentity(
  stores: Stores,
  identity: UpstreamIdentity,
  origin: { ip: string },
): Promise<Account> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const linked = await accountByUpstream(durable, identity.issuer, identity.subject);
    if (linked) return linked;
    const email = verifiedAddress(identity);
    const existing = await accountByEmail(durable, email);
    // Another first sign-in of the same identity may have made or linked it since.
    if (existing && isOf(existing, identity)) return existing;
    const { account, changes } = existing
      ? await linkTo(durable, existing, identity, origin)
      : created(email, identity, origin);
    await durable.commit(changes);
    return account;
  });
}

/** The account that is linked to an identity; undefined when none is. */
export async function accountByUpstream(
  durable: DurableStore,
  issuer: string,
  subject: string,
): Promise<Stored<Account> | undefined> {
  const [account] = await durable.list(accounts, 'byUpstream', [issuer, subject], { limit: 1 });
  return account;
}

function verifiedAddress({ email, emailVerified }: UpstreamIdentity): string {
  const parsed = Email.safeParse(email);
  if (!parsed.success) throw new UpstreamRefusal('no-email', 'The upstream gave no usable email address.');
  if (!emailVerified) throw new UpstreamRefusal('unverified-email', 'The upstream has not verified the email address.');
  return parsed.data;
}

interface Decided {
  readonly account: Account;
  readonly changes: Change[];
}

/** Only the issuer: what a subject looks like is the upstream's business, and some use addresses. */
const linkEvent = (actor: Actor, accountId: string, { issuer }: UpstreamIdentity, more = {}): Change =>
  audit(actor, { action: 'account.linked', accountId, details: { issuer, ...more } });

const isOf = ({ upstreamIssuer, upstreamSubject }: Account, { issuer, subject }: UpstreamIdentity): boolean =>
  upstreamIssuer === issuer && upstreamSubject === subject;

const linkOf = ({ issuer, subject }: UpstreamIdentity) => ({ upstreamIssuer: issuer, upstreamSubject: subject });

function created(email: string, identity: UpstreamIdentity, { ip }: { ip: string }): Decided {
  const id = newId('acc');
  const actor = { kind: 'account', accountId: id, ip } as const;
  const fields = { id, email, name: identity.name, emailVerified: true, upstream: linkOf(identity) };
  const { account, changes } = newAccount(actor, fields);
  return { account, changes: [...changes, linkEvent(actor, id, identity)] };
}

async function linkTo(
  durable: DurableStore,
  existing: Stored<Account>,
  identity: UpstreamIdentity,
  { ip }: { ip: string },
): Promise<Decided> {
  const { id: accountId } = existing;
  if (existing.upstreamSubject !== undefined)
    throw new UpstreamRefusal('claimed', `The account ${accountId} is linked to another identity of the upstream.`);
  const actor = { kind: 'account', accountId, ip } as const;
  const handover = await handOver(durable, actor, existing, { emailVerified: true, upstream: linkOf(identity) });
  return {
    account: handover.account,
    changes: [...handoverChanges(handover), linkEvent(actor, accountId, identity, formerHolderDetails(handover))],
  };
}
