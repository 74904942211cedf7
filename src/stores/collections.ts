/** Every durable collection there is; stores make their tables, indexes and clean-up from this list. */
import type { Collection, Identified } from './collection.js';
import { accounts } from './records/account.js';
import { auditEvents } from './records/auditEvent.js';
import { clients } from './records/client.js';
import { clientKeySets } from './records/clientKeySet.js';
import { connections } from './records/connection.js';
import { invitations } from './records/invitation.js';
import { members } from './records/member.js';
import { organizations } from './records/organization.js';
import { refreshReplays, refreshTokens } from './records/refreshToken.js';
import { removals } from './records/removal.js';
import { signingKeys } from './records/signingKey.js';

export const collections: readonly Collection<Identified>[] = [
  accounts,
  auditEvents,
  clientKeySets,
  clients,
  connections,
  invitations,
  members,
  organizations,
  refreshReplays,
  refreshTokens,
  removals,
  signingKeys,
] as unknown as readonly Collection<Identified>[];
