/** The examples of docs/admin-api.md, run from top to bottom as they stand there. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { ADMIN_CLIENT } from '../support/adminClient.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: ADMIN_CONFIG, issuerPath: '/auth' });
});
afterAll(() => server?.stop());

test('every command of docs/admin-api.md does what the text says, also a second time', async () => {
  const text = await readFile('docs/admin-api.md', 'utf8');
  const commands = [...text.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n');
  const env = {
    PATH: process.env.PATH,
    ISSUER: server.issuer,
    ADMIN_CLIENT: ADMIN_CLIENT.id,
    ADMIN_SECRET: ADMIN_CLIENT.secret,
  };
  const run = () => promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', commands], { env });
  const { stdout, stderr } = await run();
  expect(stderr).toBe('');
  await run();
  const api = await AdminApi.open(server);
  expect((await api.get('/organizations/team-12')).json).toMatchObject({ ownerId: 'customer-4711', mcpAccess: false });
  expect((await api.get('/accounts/customer-4711')).json).toMatchObject({ emailVerified: true, hasPassword: false });
  expect(stdout).toContain('{"enabled":false');
  expect(stdout).toContain('{"removed":0}');
  expect(stdout).toContain('"action":"organization.mcp-access-off"');
  expect(stdout).toContain('"role":"app-viewer"');
});
