/** Embedded stores in a temporary folder with the demo directory, new for each test, and short ways to what is in them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { accountByEmail } from '../../src/accounts/findAccount.js';
import { newId } from '../../src/ids.js';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { seedDemoDirectory } from '../../src/organizations/seedDemoDirectory.js';
import { insert } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { type Actor, type AuditEvent, auditEvents } from '../../src/stores/records/auditEvent.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import type { Stores } from '../../src/stores/stores.js';

const HOUR = 3_600_000;

export interface TestStores extends Stores {
  /** The id of a demo account, e.g. `ada`. */
  account(name: string): Promise<string>;
  /** The id of an organization. */
  organization(name: string): Promise<string>;
  actor(name: string): Promise<Actor>;
  /** Stores a connection of a demo account in an organization. */
  connect(name: string, organization: string, status?: Connection['status']): Promise<Connection>;
  connection(id: string): Promise<Connection | undefined>;
  /** The audit events of an organization, oldest first. */
  events(organizationId: string): Promise<AuditEvent[]>;
}

export const operator: Actor = { kind: 'operator' };

function withShortcuts(stores: Stores): TestStores {
  const { durable } = stores;
  const account = async (name: string): Promise<string> => {
    const found = await accountByEmail(durable, `${name}@example.com`);
    if (!found) throw new Error(`No account ${name}@example.com.`);
    return found.id;
  };
  const organization = async (name: string): Promise<string> => (await organizationByIdOrName(durable, name)).id;
  return {
    volatile: stores.volatile,
    limiter: (limit) => stores.limiter(limit),
    revision: () => stores.revision(),
    changedSince: (revision, ids) => stores.changedSince(revision, ids),
    durable,
    beginRequest: () => stores.beginRequest(),
    check: () => stores.check(),
    close: () => stores.close(),
    account,
    organization,
    actor: async (name) => ({ kind: 'account', accountId: await account(name) }),
    connect: async (name, organizationName, status = 'active') => {
      const now = Date.now();
      const connection: Connection = {
        id: newId('con'),
        status,
        accountId: await account(name),
        organizationId: await organization(organizationName),
        clientId: 'dcr_client',
        clientName: 'Cursor',
        resource: 'http://localhost:3001/mcp',
        scope: 'mcp',
        createdAt: now,
        expiresAt: now + HOUR,
        keptUntil: now + HOUR,
      };
      await durable.commit([insert(connections, connection)]);
      return connection;
    },
    connection: (id) => durable.get(connections, id),
    events: (organizationId) => durable.list(auditEvents, 'byOrganization', [organizationId]),
  };
}

/**
 * Opens stores before each test of the file and closes them after it.
 * @param directory what is in them
 * @returns gives the stores of the running test
 */
export function storesOfEachTest(directory: 'demo' | 'empty'): () => TestStores {
  let stores: TestStores;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'directory-test-'));
    stores = withShortcuts(await openEmbeddedStores(folder));
    if (directory === 'demo') await seedDemoDirectory(stores);
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });
  return () => stores;
}

/**
 * The same stores, but right before the first commit something else happens.
 * @param meanwhile does it, on the stores themselves
 */
export function overtaken(stores: Stores, meanwhile: () => Promise<unknown>): Stores {
  const { durable } = stores;
  let first = true;
  return {
    ...stores,
    durable: {
      get: (collection, id) => durable.get(collection, id),
      getEach: (...wanted) => durable.getEach(...wanted),
      list: (collection, index, key, options) => durable.list(collection, index, key, options),
      count: (collection, index, key) => durable.count(collection, index, key),
      estimate: (collection) => durable.estimate(collection),
      sweep: () => durable.sweep(),
      async commit(changes) {
        if (first) {
          first = false;
          await meanwhile();
        }
        return durable.commit(changes);
      },
    },
  };
}
