/** docs/spec-matrix.md names tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const matrix = readFileSync('docs/spec-matrix.md', 'utf8');
const FOLDERS = ['attacks', 'clients', 'conformance', 'flows', 'oauth', 'pages', 'stores', 'support'].join('|');
const named = [
  ...new Set([...matrix.matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w.-]*)\``, 'g'))].map(([, path]) => path)),
];

/** The last cell of each row of its tables, beside their heads. */
const lastCells = matrix
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '');

test.each(named)('test/%s is there', (path = '') => {
  const candidates = path.endsWith('/') ? [path] : [`${path}.test.ts`, `${path}.ts`];
  expect(candidates.filter((candidate) => existsSync(`test/${candidate}`))).toHaveLength(1);
});

test('every row about a draft names the revision that it is from', () => {
  const drafts = matrix.split('\n').filter((line) => /^\| .*(OAuth 2\.1|\bdraft\b|draft-ietf)/.test(line));
  expect(drafts.length).toBeGreaterThan(10);
  expect(drafts.filter((line) => !/(draft[ -]|draft \(|document|bis)-?\d\d\b|revision by revision/.test(line))).toEqual(
    [],
  );
});

test('every row names a test, or says why there is none', () => {
  const heads = ['shown by', 'here'];
  for (const cell of lastCells.filter((each) => !heads.includes(each)))
    expect(cell).toMatch(new RegExp(`\`(${FOLDERS})/|not done: |as above`));
  expect(named.length).toBeGreaterThan(30);
});

test('every quoted title of a test stands in the file that it is said of', () => {
  for (const [, path, titles = ''] of matrix.matchAll(/`(\w+\/[\w-]+)`((?:,? "[^"]+")+)/g)) {
    const source = readFileSync(`test/${path}.test.ts`, 'utf8');
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g))
      expect(`${path}: ${source.includes(title) ? title : `no "${title}"`}`).toBe(`${path}: ${title}`);
  }
});
