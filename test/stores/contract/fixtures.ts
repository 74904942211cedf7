/** Records of real collections for the contract suites, and the stores that the suites run on. */
import { ofNewAccount } from '../../../src/accounts/holder.js';
import type { Account } from '../../../src/stores/records/account.js';
import type { AuditEvent } from '../../../src/stores/records/auditEvent.js';
import type { KnownClient } from '../../../src/stores/records/client.js';
import type { Connection } from '../../../src/stores/records/connection.js';
import type { Organization } from '../../../src/stores/records/organization.js';
import type { Stores } from '../../../src/stores/stores.js';

export interface OpenedStores {
  readonly stores: Stores;
  /** Closes the stores and opens what they left behind. */
  reopen(): Promise<Stores>;
  /** Closes the stores and takes away what they left behind. */
  close(): Promise<void>;
}

export type OpenStores = () => Promise<OpenedStores>;

export const HOUR = 3_600_000;

export const account = (id: string, more: Partial<Account> = {}): Account => ({
  id,
  email: `${id}@example.com`,
  emailVerified: ofNewAccount(true),
  name: 'Ada',
  createdAt: 1,
  ...more,
});

export const client = (id: string, metadata: Record<string, unknown> = {}): KnownClient => ({
  id,
  metadata,
  createdAt: 1,
  keptUntil: Date.now() + HOUR,
});

export const organization = (id: string, more: Partial<Organization> = {}): Organization => ({
  id,
  name: 'Acme Robotics',
  personal: false,
  ownerId: 'ada',
  mcpAccess: true,
  createdAt: 1,
  ...more,
});

export const connection = (id: string, more: Partial<Connection> = {}): Connection => ({
  id,
  status: 'active',
  accountId: 'ada',
  organizationId: 'acme',
  clientId: 'client',
  clientName: 'Client',
  resource: 'https://mcp.example.com/',
  scope: 'read',
  createdAt: 1,
  expiresAt: Date.now() + HOUR,
  keptUntil: Date.now() + HOUR,
  ...more,
});

export const event = (id: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  id,
  at: 1,
  action: 'member.added',
  actor: { kind: 'operator' },
  ...more,
});
