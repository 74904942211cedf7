/** A server on the embedded store dies in the middle of a request; its clients go on. */
import { afterAll, beforeAll } from '@jest/globals';
import { CRASH } from '../support/crashing.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeCrashes } from './crashes.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ preload: [CRASH] });
});
afterAll(() => server?.stop());

describeCrashes('the embedded store', () => server, 1);
