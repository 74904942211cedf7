/** Tests that must hold whichever stores the server works on. */
import { describe } from '@jest/globals';
import { type ServerOptions, startServer, type TestServer } from './server.js';

/** Starts servers on the stores of the moment; a second one shares them with the first. */
export interface StoresUnderTest {
  start(options?: ServerOptions): Promise<TestServer>;
  /** Another server of the same issuer on the same stores. */
  startBeside(first: TestServer): Promise<TestServer>;
}

const embedded: StoresUnderTest = {
  start: startServer,
  startBeside: (first) => startServer({ dataDir: first.dataDir, env: { ISSUER: first.issuer } }),
};

/** Describes tests once for each kind of stores that this machine has. */
export const describeOnEachStore = (tests: (stores: StoresUnderTest) => void): void => {
  describe('on the embedded store', () => tests(embedded));
};
