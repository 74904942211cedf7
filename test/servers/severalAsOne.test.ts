/** Two servers on the same MongoDB and Redis are one: what either has answered holds on the other at once. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import { openProductionStores } from '../../src/stores/openStores.js';
import { TestClient } from '../support/client.js';
import { longest } from '../support/counts.js';
import { formsOf } from '../support/formsOf.js';
import { Person } from '../support/person.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import { describeWith } from '../support/services.js';
import { introspectorOf } from '../support/warm.js';
import { type Sides, testTrials, type World } from './trials.js';

const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

const BY_PAGE = 'a removal on the account page';
const BY_CLIENT = 'a revocation by the client (RFC 7009)';

describeWithServices('two servers on MongoDB and Redis', () => {
  let servers: ProductionServers;
  let world: World;
  beforeAll(async () => {
    servers = await startProductionServers();
    const { a, b, mongod, redis } = servers;
    const stores = await openProductionStores(mongod.url, redis.url, () => undefined);
    const client = await TestClient.register(a);
    const introspectors = [introspectorOf(a), introspectorOf(b)] as const;
    const sides = async (changing: typeof a, asked: Sides['asked']): Promise<Sides> => {
      const [ada, grace] = [
        await formsOf(changing, new Person()),
        await formsOf(changing, new Person('grace@example.com')),
      ];
      const own = client.at(changing);
      return {
        asked,
        removals: {
          [BY_PAGE]: async ({ id }) =>
            expect(await ada(`/account/connections/${id}/remove`)).toMatch(/^303 .*removed$/),
          [BY_CLIENT]: async ({ refreshToken }) => expect((await own.revoke(refreshToken)).status).toBe(200),
        },
        async switchMcpAccess(on, { organizationId }) {
          const state = on ? 'on' : 'off';
          const answer = await grace(`/organizations/${organizationId}/settings/mcp-access`, { mcp_access: state });
          expect(answer).toMatch(new RegExp(`^303 .*mcp-access=${state}$`));
        },
        async removeMember({ organizationId, accountId }) {
          const answer = await grace(`/organizations/${organizationId}/members/${accountId}/remove`);
          expect(answer).toMatch(/^303 .*done=removed$/);
        },
      };
    };
    const both = [await sides(a, introspectors[1]), await sides(b, introspectors[0])] as const;
    world = { stores, client, introspectors, sides: (n) => both[n % 2 === 0 ? 0 : 1] };
  }, longest);
  afterAll(async () => {
    for (const { close } of world?.introspectors ?? []) close();
    await world?.stores.close();
    await servers?.stop();
  }, longest);

  testTrials({ removals: [BY_PAGE, BY_CLIENT] }, () => world);
});
