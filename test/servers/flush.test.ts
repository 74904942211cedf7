/** kill -9 spares the page cache, a power cut does not: tokens are sent only once they are flushed to disk. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient, tokensOf } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

const canTrace = process.env.REQUIRE_SERVICES === '1' || spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const CALLS = 'trace=write,writev,pwrite64,pwritev,fdatasync';
/** The answer's first bytes on the client's socket. */
const ANSWER = /writev?\(\d+, .{0,40}HTTP\/1\.1 200 OK/;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

describe('a token request to a server on the embedded store', () => {
  const title =
    'is answered after fdatasync and the page that makes the commit current, and nothing is written between';
  (canTrace ? test : test.skip)(canTrace ? title : `${title} (skipped: strace cannot run here)`, async () => {
    const client = await TestClient.register(server);
    const { code, verifier } = await client.code();
    const file = join(server.dataDir, 'trace');
    const strace = spawn('strace', ['-f', '-p', String(server.process().pid), '-o', file, '-e', CALLS], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(strace.stderr, 'data');
    const { refreshToken } = tokensOf(await client.exchange(code, verifier));
    tokensOf(await client.refresh(refreshToken));
    const closed = once(strace, 'close');
    strace.kill('SIGINT');
    await closed;

    const traced = await readFile(file, 'utf8');
    const untilAnswers = traced.split(ANSWER);
    expect(untilAnswers).toHaveLength(3);
    for (const calls of untilAnswers.slice(0, 2)) {
      const flushed = Math.max(calls.lastIndexOf('fdatasync('), calls.lastIndexOf('fdatasync resumed'));
      const current = [...calls.matchAll(/pwrite64\(\d+, .*, 128, \d+\)/g)].at(-1);
      const written = [...calls.matchAll(/(writev|pwrite64|pwritev)\((?!\d+, .*, 128, \d+\))/g)].at(-1);
      expect(written).toBeDefined();
      expect(flushed).toBeGreaterThan(written?.index ?? Number.POSITIVE_INFINITY);
      expect(current?.index).toBeGreaterThan(flushed);
    }
  });
});
