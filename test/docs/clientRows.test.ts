/** docs/clients.md names the test of each client, and every test of a client is named there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const table = readFileSync('docs/clients.md', 'utf8').split('\n## What the tests send\n')[1] ?? '';
const named = [...table.matchAll(/`((?:clients|oauth)\/\w+)`/g)].map(([, path]) => `${path}.test.ts`);

test('every test that the table names is there', () => {
  expect(named.filter((path) => !existsSync(`test/${path}`))).toEqual([]);
});

test('every file of test/clients is named, once', () => {
  const files = readdirSync('test/clients').map((file) => `clients/${file}`);
  expect(named.filter((path) => path.startsWith('clients/')).sort()).toEqual(files.sort());
});
