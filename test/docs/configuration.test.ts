/** docs/configuration.md and .env.example say what the schemas say. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const SCRIPT = resolve('dist/scripts/docs/configuration.js');

const run = (cwd: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((done) => {
    const child = execFile(process.execPath, [SCRIPT, ...args], { cwd }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'docs-configuration-'));
  await mkdir(join(copy, 'docs'));
  await cp('docs/configuration.md', join(copy, 'docs/configuration.md'));
  await cp('.env.example', join(copy, '.env.example'));
});
afterAll(() => rm(copy, { recursive: true }));

test('the configuration reference and .env.example are up to date; else run: npm run docs:configuration', async () => {
  expect(await run('.', '--check')).toEqual({ code: 0, out: 'Everything is up to date.\n', err: '' });
});

test('a table in which somebody changed a default is found, and written anew', async () => {
  const file = join(copy, 'docs/configuration.md');
  const right = await readFile(file, 'utf8');
  await writeFile(file, right.replace('| `3000` |', '| `3333` |'));
  const stale = { code: 1, out: 'Stale: docs/configuration.md. Run: npm run docs:configuration\n', err: '' };
  expect(await run(copy, '--check')).toEqual(stale);
  const { code, out } = await run(copy, '--check', '--json');
  expect({ code, json: JSON.parse(out) }).toEqual({ code: 1, json: { stale: ['docs/configuration.md'] } });
  expect((await run(copy)).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(right);
});
