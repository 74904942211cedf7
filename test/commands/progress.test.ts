/** Long work shows a bar on standard error while somebody watches, and nothing otherwise. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../support/command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'progress-'));
});
afterAll(() => rm(folder, { recursive: true }));

const IMPORT = ['dist/scripts/directory.js', 'import', 'config/demo-directory.json', '--json'];
const imported = { accounts: { added: 3 }, organizations: { added: 3 }, members: { added: 4 } };

test('an import on a terminal shows how many of its entries are done, and standard output stays clean', async () => {
  const out = join(folder, 'out.json');
  // `script` gives the command a terminal, and shows what was written to it.
  const shown = await new Promise<string>((resolve) => {
    const env = { PATH: process.env.PATH, DATA_DIR: join(folder, 'watched') };
    const command = `'${process.execPath}' ${IMPORT.join(' ')} > '${out}'`;
    execFile('script', ['-qec', command, '/dev/null'], { env }, (_, terminal) => resolve(terminal));
  });
  expect(shown).toMatch(/import .* 10 of 10/);
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject(imported);
});

test('without a terminal there is no bar', async () => {
  const { code, out, err } = await runCommand(IMPORT, { DATA_DIR: join(folder, 'unwatched') });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject(imported);
});
