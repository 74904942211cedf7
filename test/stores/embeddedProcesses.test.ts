/** The embedded store keeps its promises across processes: what one commits the others see, and nothing acknowledged is lost. */

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { insert, replace } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { accounts } from '../../src/stores/records/account.js';
import { connections } from '../../src/stores/records/connection.js';
import { account } from './contract/fixtures.js';
import { type OpenedFolder, openInNewFolder } from './embeddedStores.js';
import { conversation, startedPrograms } from './processes/run.js';

describe('several processes on one embedded store', () => {
  const programs = startedPrograms();
  let opened: OpenedFolder;
  beforeEach(async () => {
    opened = await openInNewFolder();
  });
  afterEach(async () => {
    await programs.stop();
    await opened.close();
  });

  test('see with beginRequest what another has committed, within the same turn of the event loop', async () => {
    const { stores } = opened;
    const child = programs.start('obeyLines', opened.folder);
    const tell = await conversation(child);
    for (let n = 0; n < 50; n += 1) {
      const id = `a${n}`;
      expect(await stores.durable.get(accounts, id)).toBeUndefined();
      await tell(`insert ${id}`);
      stores.beginRequest();
      expect(await stores.durable.get(accounts, id)).toBeDefined();
      await tell(`remove ${id}`);
      stores.beginRequest();
      expect(await stores.durable.get(accounts, id)).toBeUndefined();
    }
    child.stdin.end();
    await once(child, 'close');
  });

  test('check conditions against what another has committed, not against what they saw last', async () => {
    const { durable } = opened.stores;
    await durable.commit([insert(accounts, account('a'))]);
    const a = await durable.get(accounts, 'a');
    if (!a) throw new Error('No account a.');
    const child = programs.start('obeyLines', opened.folder);
    const tell = await conversation(child);
    await tell('insert b');
    await expect(durable.commit([insert(accounts, account('b'))])).rejects.toMatchObject({ name: 'ConflictError' });
    const twin = account('c', { email: 'b@example.com' });
    await expect(durable.commit([insert(accounts, twin)])).rejects.toMatchObject({ index: 'byEmail' });
    await tell('remove a');
    await expect(durable.commit([replace(accounts, a)])).rejects.toMatchObject({ name: 'ConflictError' });
    child.stdin.end();
    await once(child, 'close');
  });

  test('lose no update when two replace the same record at once', async () => {
    await opened.stores.durable.commit([insert(accounts, account('counter', { name: '0' }))]);
    const first = (await opened.stores.durable.get(accounts, 'counter'))?.revision ?? 0;
    const times = 150;
    const rivals = [1, 2].map(() => programs.start('competeForAccount', opened.folder, 'counter', String(times)));
    const talks = await Promise.all(rivals.map(conversation));
    const conflicts = await Promise.all(talks.map((tell) => tell('go')));
    opened.stores.beginRequest();
    const counter = await opened.stores.durable.get(accounts, 'counter');
    expect(counter).toMatchObject({ name: String(2 * times), revision: first + 2 * times });
    // Without a conflict the two never met, and the test has shown nothing.
    expect(conflicts.map(Number).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  test('read on when another makes the file many times larger', async () => {
    const { stores } = opened;
    await stores.durable.commit([insert(accounts, account('first'))]);
    const child = programs.start('obeyLines', opened.folder);
    const tell = await conversation(child);
    const size = async (): Promise<number> => (await stat(join(opened.folder, 'data.mdb'))).size;
    const before = await size();
    await tell('fill g 5000');
    expect(await size()).toBeGreaterThan(20 * before);
    stores.beginRequest();
    expect(await stores.durable.count(accounts, 'byEmail', [])).toBe(5_001);
    await stores.durable.commit([insert(accounts, account('last'))]);
    expect(await stores.durable.get(accounts, 'g3999')).toBeDefined();
    child.stdin.end();
    await once(child, 'close');
  });

  test('lose no acknowledged commit when one is killed while it writes, and are not held up by it', async () => {
    const acknowledged: string[] = [];
    for (const round of ['1', '2', '3']) {
      const child = programs.start('insertUntilKilled', opened.folder, round);
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.length > 3_000) child.kill('SIGKILL');
      });
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
      // A last line without its end was not printed whole.
      acknowledged.push(...printed.split('\n').slice(0, -1));
      const another = await openEmbeddedStores(opened.folder);
      another.beginRequest();
      const found = new Set((await another.durable.list(connections, 'byAccount', ['ada'])).map(({ id }) => id));
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
      for (const id of acknowledged) expect(await another.durable.get(connections, id)).toBeDefined();
      await another.durable.commit([insert(accounts, account(`after${round}`))]);
      await another.close();
    }
    expect(acknowledged.length).toBeGreaterThan(300);
  });
});
