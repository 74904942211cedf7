/** Tests that must hold whichever stores the server works on. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type ServerOptions, startServer, type TestServer } from './server.js';
import { describeWith, sharedStores } from './services.js';

/** Starts servers on the stores of the moment; a second one shares them with the first. */
export interface StoresUnderTest {
  start(options?: ServerOptions): Promise<TestServer>;
  /** Another server of the same issuer on the same stores. */
  startBeside(first: TestServer): Promise<TestServer>;
}

const embedded: StoresUnderTest = {
  start: startServer,
  startBeside: (first) => startServer({ dataDir: first.dataDir, issuer: first.issuer }),
};

/** Describes tests once for each kind of stores that this machine has; the services run while their tests do. */
export const describeOnEachStore = async (tests: (stores: StoresUnderTest) => void): Promise<void> => {
  describe('On the embedded store', () => tests(embedded));
  (await describeWith('mongod', 'redis-server'))('On MongoDB and Redis', () => {
    let production: Awaited<ReturnType<typeof sharedStores>>;
    beforeAll(async () => {
      production = await sharedStores();
    });
    afterAll(() => production?.stop());
    tests({
      start: (options) => startServer({ ...options, production }),
      startBeside: (first) => startServer({ production, issuer: first.issuer }),
    });
  });
};
