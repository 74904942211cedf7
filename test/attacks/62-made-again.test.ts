/** A record that is removed and made again under its id between the check of a change and its commit: the change does not happen. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { accountByEmail } from '../../src/accounts/findAccount.js';
import { putAccount } from '../../src/accounts/putAccount.js';
import { removeAccount } from '../../src/accounts/removeAccount.js';
import { renameAccount } from '../../src/accounts/renameAccount.js';
import { addMember } from '../../src/organizations/addMember.js';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { seedDemoDirectory } from '../../src/organizations/seedDemoDirectory.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import type { Stores } from '../../src/stores/stores.js';
import type { OpenStores } from '../stores/contract/fixtures.js';
import { openInNewFolder } from '../stores/embeddedStores.js';
import { openMongoStores } from '../stores/mongoStores.js';
import { databaseIn, describeWith, type Service, sharedMongod } from '../support/services.js';

const operator = { kind: 'operator' } as const;

/** The same stores, but right before the first commit something else happens. */
const meanwhileIn = (stores: Stores, meanwhile: () => Promise<unknown>): Stores => {
  let first = true;
  const durable = new Proxy(stores.durable, {
    get: (target, name: keyof Stores['durable']) => {
      const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (name !== 'commit') return method;
      return async (...args: unknown[]) => {
        if (first) {
          first = false;
          await meanwhile();
        }
        return method(...args);
      };
    },
  });
  return { ...stores, durable };
};

const describeOn = (name: string, open: OpenStores) =>
  describe(name, () => {
    let opened: Awaited<ReturnType<OpenStores>>;
    beforeEach(async () => {
      opened = await open();
      await seedDemoDirectory(opened.stores);
    });
    afterEach(() => opened.close());
    const idOf = async (email: string) => (await accountByEmail(opened.stores.durable, email))?.id ?? '';

    test('an admin who is removed and comes back with a lesser role administers nothing', async () => {
      const { stores } = opened;
      const { id: organizationId } = await organizationByIdOrName(stores.durable, 'Acme Robotics');
      const accountId = await idOf('grace@example.com');
      const lessened = meanwhileIn(stores, async () => {
        await removeMember(stores, operator, organizationId, accountId);
        await addMember(stores, operator, { organizationId, accountId, roles: [{ role: 'insights' }] });
      });
      const grace = { kind: 'account', accountId } as const;
      await expect(switchMcpAccess(lessened, grace, organizationId, false)).rejects.toMatchObject({
        code: 'forbidden',
      });
      expect((await organizationByIdOrName(stores.durable, 'Acme Robotics')).mcpAccess).toBe(true);
    });

    test('an account that is removed and made again under its id for another person keeps what is theirs', async () => {
      const { stores } = opened;
      const given = { email: 'first@example.com', name: 'First' };
      await putAccount(stores, operator, 'acc_reused', given);
      const replaced = meanwhileIn(stores, async () => {
        await removeAccount(stores, operator, 'acc_reused');
        await putAccount(stores, operator, 'acc_reused', { email: 'second@example.com', name: 'Second' });
      });
      await renameAccount(replaced, operator, 'acc_reused', 'First again').catch(() => undefined);
      expect(await accountByEmail(stores.durable, 'second@example.com')).toMatchObject({ id: 'acc_reused' });
      expect(await accountByEmail(stores.durable, 'first@example.com')).toBeUndefined();
    });
  });

describeOn('On the embedded store', openInNewFolder);

(await describeWith('mongod'))('With mongod', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  beforeAll(async () => {
    mongod = await sharedMongod();
  });
  afterAll(() => mongod?.stop());
  describeOn('On MongoDB', () => openMongoStores(databaseIn(mongod.url, `made_again_${process.pid}`)));
});
