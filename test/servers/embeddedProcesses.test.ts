/** A server on the embedded store and another process beside it are one: what the other did holds at once. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { removeConnection } from '../../src/connections/removeConnection.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { switchMcpAccess } from '../../src/organizations/switchMcpAccess.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { TestClient } from '../support/client.js';
import { counts } from '../support/counts.js';
import { directory, directoryProcess } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import { introspectorOf } from '../support/warm.js';
import { EMAIL, ORGANIZATION, type Sides, testTrials, type World } from './trials.js';

const ONE = 'a removal of one connection';
const ALL = 'a removal of all connections of a member';
const ACTOR = { kind: 'operator' } as const;

let server: TestServer;
let world: Omit<World, 'sides'>;
beforeAll(async () => {
  server = await startServer();
  world = {
    stores: await openEmbeddedStores(join(server.dataDir, 'store')),
    client: await TestClient.register(server),
    introspectors: [introspectorOf(server)],
  };
});
afterAll(async () => {
  for (const { close } of world?.introspectors ?? []) close();
  await world?.stores.close();
  await server?.stop();
});
const worldWith = (sides: (trial: number) => Omit<Sides, 'asked'>): World => {
  const [asked] = world.introspectors;
  if (!asked) throw new Error('No server to ask.');
  return { ...world, sides: (trial) => ({ ...sides(trial), asked }) };
};

const switchHere: Sides['switchMcpAccess'] = async (on, { organizationId }) => {
  world.stores.beginRequest();
  await switchMcpAccess(world.stores, ACTOR, organizationId, on);
};

describe('a server on the embedded store and a process that works beside it', () => {
  testTrials({ removals: [ONE, ALL] }, () => {
    const { stores } = world;
    return worldWith(() => ({
      removals: {
        [ONE]: async ({ id }) => {
          stores.beginRequest();
          await removeConnection(stores, ACTOR, id);
        },
        [ALL]: async ({ accountId, organizationId }) => {
          stores.beginRequest();
          await removeConnections(stores, ACTOR, { accountId, organizationId });
        },
      },
      switchMcpAccess: switchHere,
      async removeMember({ organizationId, accountId }) {
        stores.beginRequest();
        await removeMember(stores, ACTOR, organizationId, accountId);
      },
    }));
  });
});

const { commandsAProcess } = counts;
const inProcesses =
  commandsAProcess === 1 ? 'each in a process of its own' : `one in ${commandsAProcess} in a process of its own`;

describe(`a server on the embedded store and the command line beside it, ${inProcesses}`, () => {
  testTrials({ removals: [ALL], times: counts.commandTrials, on: false }, () =>
    worldWith((trial) => {
      // Whichever process it is, it evaluates the command's own script and opens and closes the store.
      const command = trial % commandsAProcess === 0 ? directoryProcess : directory;
      return {
        removals: {
          [ALL]: async () => {
            await command(server, 'connections', 'remove', '--account', EMAIL, '--organization', ORGANIZATION);
          },
        },
        // Switching on is no trial but what comes before the next one.
        async switchMcpAccess(on, seat) {
          if (on) await switchHere(on, seat);
          else await command(server, 'mcp-access', 'off', ORGANIZATION);
        },
        async removeMember() {
          await command(server, 'members', 'remove', ORGANIZATION, EMAIL);
        },
      };
    }),
  );
});
