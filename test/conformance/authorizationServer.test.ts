/** The MCP project's own conformance suite against this server: every scenario that it has for authorization servers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { freePort } from '../support/childServer.js';
import { configFor } from '../support/demoServer.js';
import { nodeAtLeast22 } from '../support/nodeVersions.js';
import { signInAndConsent } from '../support/person.js';
import { startServer } from '../support/server.js';

const SUITE = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);
const RESOURCE = 'http://localhost:3001/mcp';

/** What it writes of each check; `SKIPPED` and `WARNING` are no failures to it, and are ones here. */
const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

const node = await nodeAtLeast22();
if (node === undefined) {
  const missing = 'the conformance suite needs Node.js 22 or newer, and npm has none for this platform';
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(`REQUIRE_SERVICES=1, and ${missing}.`);
  process.stderr.write(`Skipped: ${missing}; run the tests on Node.js 22 or newer.\n`);
}

(node === undefined ? describe.skip : describe).each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('On an issuer %s', (_where, issuerPath) => {
  test('both scenarios pass without a warning, with a person who answers the URL that is printed', async () => {
    const port = await freePort();
    // The suite sends no secret wherever `none` is advertised, and does not register.
    const client = {
      client_id: 'conformance',
      client_name: 'Conformance suite',
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: 'none',
    };
    const server = await startServer({
      issuerPath,
      config: { ...(await configFor(RESOURCE)), clients: [client] },
    });
    const results = await mkdtemp(join(tmpdir(), 'conformance-'));
    try {
      const printed = await runSuite([
        ...['--url', server.issuer, '--client-id', client.client_id, '--port', `${port}`],
        ...['--resource', RESOURCE, '--output-dir', results],
      ]);
      expect(await checksOf(results)).toEqual({
        'authorization-code-grant': 'SUCCESS',
        'authorization-server-metadata': 'SUCCESS',
        'authorization-server-metadata-cimd': 'SUCCESS',
      });
      expect(printed).toContain('Total: 3 passed, 0 failed');
    } finally {
      await rm(results, { recursive: true, force: true });
      await server.stop();
    }
  });
});

/** Runs it to its end, as its command line; what it printed. */
async function runSuite(args: readonly string[]): Promise<string> {
  const child = spawn(node ?? process.execPath, [SUITE, 'authorization', ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let answered = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const url = /^(http\S+\?response_type=\S+)\n/m.exec(printed)?.[1];
      if (answered || url === undefined) return;
      answered = true;
      signInAndConsent(url).then(fetch, (error: unknown) => {
        printed += String(error);
        child.kill();
      });
    });
  }
  const [code] = await once(child, 'close');
  expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
  return printed;
}

/** The status of every check, with what was wrong where there was something. */
async function checksOf(results: string): Promise<Record<string, string>> {
  const files = (await readdir(results, { recursive: true })).filter((file) => file.endsWith('checks.json'));
  expect(files).toHaveLength(2);
  const checks = await Promise.all(
    files.map(async (file) => Checks.parse(JSON.parse(await readFile(join(results, file), 'utf8')))),
  );
  return Object.fromEntries(
    checks.flat().map(({ id, status, errorMessage }) => [id, errorMessage ? `${status}: ${errorMessage}` : status]),
  );
}
