/** The embedded store answers a commit only once its data and then the page that makes it current are flushed to disk. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clients } from '../../src/stores/records/client.js';
import { type OpenedFolder, openInNewFolder } from './embeddedStores.js';
import { conversation, startedPrograms } from './processes/run.js';

const canTrace = process.env.REQUIRE_SERVICES === '1' || spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

describe('the embedded store and the disk', () => {
  const programs = startedPrograms();
  let opened: OpenedFolder;
  beforeEach(async () => {
    opened = await openInNewFolder();
  });
  afterEach(async () => {
    await programs.stop();
    await opened.close();
  });

  const title = 'flush a commit before it is acknowledged';
  (canTrace ? test : test.skip)(canTrace ? title : `${title} (skipped: strace cannot run here)`, async () => {
    const trace = join(opened.folder, 'trace');
    const calls = 'trace=openat,write,writev,pwrite64,pwritev,fdatasync,fsync,msync';
    const child = programs.startUnder(['strace', '-f', '-o', trace, '-e', calls], 'obeyLines', opened.folder);
    const tell = await conversation(child);
    for (const id of ['a', 'b', 'c']) await tell(`insert ${id}`);
    child.stdin.end();
    await once(child, 'close');

    const traced = await readFile(trace, 'utf8');
    const synchronous = /data\.mdb", [A-Z_|]*O_DSYNC.* = (\d+)/.exec(traced)?.[1];
    expect(synchronous).toBeDefined();
    const beforeEachAnswer = traced.split(/write\(1, "(?:ready|done).*\n/);
    expect(beforeEachAnswer).toHaveLength(5);
    for (const callsOfOneCommit of beforeEachAnswer.slice(1, 4)) {
      const written = callsOfOneCommit.search(/(writev|pwrite64|pwritev)\((?!\d+, .*, 128, \d+\))/);
      const flushed = callsOfOneCommit.search(/fdatasync\(\d+\) += 0|fdatasync resumed.* = 0/);
      const madeCurrent = /pwrite64\((\d+), .*, 128, \d+\)/.exec(callsOfOneCommit);
      expect(written).toBeGreaterThanOrEqual(0);
      expect(flushed).toBeGreaterThan(written);
      expect(madeCurrent?.index).toBeGreaterThan(flushed);
      expect(madeCurrent?.[1]).toBe(synchronous);
    }
  });

  test('refuse what does not fit on the disk, keep what did, and go on when there is room again', async () => {
    // A file that may not grow beyond this many blocks fails as a full disk does.
    const limited = ['sh', '-c', 'ulimit -f 1500; exec "$@"', 'sh'];
    const child = programs.startUnder(limited, 'outgrowDisk', opened.folder);
    const [printed, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'close')]);
    expect(code).toBe(0);
    const { kept, refused, found, afterwards } = JSON.parse(printed.join('')) as Record<string, string[]>;
    expect(kept?.length).toBeGreaterThan(0);
    expect(new Set(refused)).toEqual(new Set(['StoreUnavailableError']));
    expect(found).toEqual(kept);
    expect(afterwards).toEqual(['small']);
    const { durable } = await opened.reopen();
    expect((await durable.list(clients, 'byCreation', [])).map(({ id }) => id)).toEqual(['small']);
  });
});
