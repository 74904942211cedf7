/** What the documents refer to is there: files, headings, commands with their options, variables; and their JSON is JSON. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../support/command.js';
import { anchors, codeBlocks, commandLines, commandsOf, links, prose } from './markdown.js';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);
const folders = new Set(tracked.flatMap((file) => file.split('/').map((_, n, parts) => parts.slice(0, n).join('/'))));
const isThere = (path: string): boolean => tracked.includes(path) || folders.has(path.replace(/\/$/, ''));

const documents = tracked.filter((file) => file.endsWith('.md'));
const textOf = (document: string): string => readFileSync(document, 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

/** Every name in capitals that occurs in this project outside of its documents. */
const names = new Set(
  tracked
    .filter((file) => /\.(ts|mjs|json|ya?ml)$|^(Dockerfile|\.ci\/run|\.env\.example)$/.test(file))
    .flatMap((file) => textOf(file).match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g) ?? []),
);

/** What belongs to the reader's machine and not to this project. */
const ELSEWHERE = new Set(
  'claude code npx curl docker openssl printf grep cut tail sort wc du export mongodump mongorestore git cd chmod cp'.split(
    ' ',
  ),
);

describe.each(documents)('%s', (document) => {
  const text = textOf(document);

  test('links to what is there', () => {
    for (const link of links(text)) {
      if (/^(https?:|mailto:)/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : normalize(join(dirname(document), path));
      expect({ link, there: isThere(target) }).toEqual({ link, there: true });
      if (anchor !== undefined)
        expect({ link, anchors: anchors(textOf(target)) }).toEqual({ link, anchors: expect.arrayContaining([anchor]) });
    }
  });

  test('names files of this project that are there', () => {
    const named = [...prose(text).matchAll(/(?<![\w/.-])(?:src|test|scripts|docs|config|views)\/[\w./*-]*\w/g)].map(
      ([path]) => path,
    );
    for (const path of named.filter((path) => !path.includes('*')))
      expect({ path, there: isThere(path) }).toEqual({ path, there: true });
  });

  test('names variables that this project knows', () => {
    const named = text.match(/(?<![\w-])[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(?![\w-])/g) ?? [];
    expect(named.filter((name) => !names.has(name) && !['CLIENT_ID', 'KEY_ID'].includes(name))).toEqual([]);
  });

  test('has JSON that is JSON', () => {
    for (const block of codeBlocks(text).filter(({ language }) => language === 'json'))
      expect({ line: block.line, parsed: JSON.parse(block.text) }).toBeTruthy();
  });

  test('shows commands and options that there are', async () => {
    const shown = codeBlocks(text)
      .filter(({ language }) => language === 'sh')
      .flatMap((block) => commandLines(block.text));
    const inline = [...prose(text).matchAll(/`((?:npm|node) [^`]+)`/g)].map(([, line = '']) =>
      line.replace(/\s+/g, ' '),
    );
    for (const line of [...shown, ...inline]) for (const words of commandsOf(line)) await expectKnown(words);
  });
});

/** The file and arguments that an `npm run` comes to; undefined when the script is no command of this project. */
function ofScript([name = '', ...rest]: readonly string[]): readonly string[] | undefined {
  const line = scripts[name];
  expect({ script: name, line }).toEqual({ script: name, line: expect.any(String) });
  const [, file] = /^node (dist\/scripts\/\S+)$/.exec(line ?? '') ?? [];
  return file === undefined ? undefined : [file, ...(rest[0] === '--' ? rest.slice(1) : rest)];
}

const helps = new Map<string, Promise<{ code: number | null; out: string }>>();

/** Demands that the first word is a program that there is, and asks those of this project for help on the rest. */
async function expectKnown(words: readonly string[]): Promise<void> {
  const assignments = words.filter(
    (word, n) => /^[A-Z_]+=/.test(word) && n <= words.findIndex((one) => !/^[A-Z_]+=/.test(one)),
  );
  const [program = '', ...args] = words.slice(assignments.length);
  if (ELSEWHERE.has(program) && program !== 'docker') return;
  const called = commandOf(program, args);
  if (called === undefined) return;
  const [file = '', ...rest] = called;
  const commands = rest.filter((word) => !word.startsWith('-'));
  const key = [file, ...commands].join(' ');
  if (!helps.has(key)) helps.set(key, runCommand([file, ...commands, '--help']));
  const help = await helps.get(key);
  expect({ words, code: help?.code }).toEqual({ words, code: 0 });
  for (const option of rest.filter((word) => /^--./.test(word)).map((word) => word.split('=')[0] ?? ''))
    expect({ words, help: help?.out }).toEqual({ words, help: expect.stringContaining(option) });
}

function commandOf(program: string, args: readonly string[]): readonly string[] | undefined {
  if (program === 'node' || program === 'docker') {
    const at = args.findIndex((arg) => arg.startsWith('dist/'));
    const file = args[at];
    if (file === undefined) return undefined;
    expect({
      file,
      there: isThere(file.replace(/^dist\/(scripts\/)?/, (_, below = 'src/') => below).replace(/js$/, 'ts')),
    }).toEqual({ file, there: true });
    return file.startsWith('dist/scripts/') ? args.slice(at) : undefined;
  }
  expect(program).toBe('npm');
  const words = args.filter((arg) => arg !== '--silent');
  if (words[0] === 'run') return ofScript(words.slice(1));
  expect(['ci', 'ls', 'audit', 'start', 'test', 'install']).toContain(words[0]);
  return undefined;
}
