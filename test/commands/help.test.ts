/** Every command says with --help what it takes, with examples and exit codes; wrong use ends with 2. */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Outcome, runCommand } from '../support/command.js';

/** What npm runs for each script that is a command of this project. */
const programs = Object.entries<string>(JSON.parse(await readFile('package.json', 'utf8')).scripts).flatMap(
  ([name, line]): (readonly [string, string])[] => {
    const file = /^node (dist\/scripts\/\S+\.js)$/.exec(line)?.[1];
    return file === undefined ? [] : [[name, file]];
  },
);

/** The help of a program and, as far as it lists commands, of each of them, at any depth. */
async function helpOf(file: string, path: readonly string[] = []): Promise<Map<string, Outcome>> {
  const help = await runCommand([file, ...path, '--help']);
  const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(help.out)?.[1] ?? '';
  const names = [...listed.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => helpOf(file, [...path, name])));
  return new Map([[path.join(' '), help] as const, ...below.flatMap((each) => [...each])]);
}

test('there are commands for the directory, keys, indexes, the move, the demo and benchmarks', () => {
  const names = programs.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining(['directory', 'keys', 'indexes', 'move', 'demo', 'bench:growth', 'bench:pages']),
  );
});

test('the help of the directory has every command, whatever stands behind --help', async () => {
  const directory = 'dist/scripts/directory.js';
  expect((await runCommand([directory, '--help', 'accounts'])).out).toBe((await runCommand([directory, '--help'])).out);
});

/** Runs a command whose standard output nobody reads: it is closed long before the command has started. */
async function withoutReader(...args: string[]): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, ['--no-warnings', ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const err = await text(child.stderr);
  return { code: await ended, err };
}

test.each([...programs.map(([, file]) => file), 'dist/main.js'])(
  '%s --help ends without a trace when its reader has gone, as with `| head`',
  async (file) => {
    expect(await withoutReader(file, '--help')).toEqual({ code: 141, err: '' });
  },
);

describe.each(programs)('npm run %s', (name, file) => {
  let helps: Map<string, Outcome>;
  beforeAll(async () => {
    helps = await helpOf(file);
  });

  test('says with --help what each of its commands takes, with --json, exit codes and an example of its own', () => {
    for (const [path, { code, out, err }] of helps) {
      expect({ path, code, err }).toEqual({ path, code: 0, err: '' });
      expect(out).toContain(`Usage: ${[name, path].join(' ').trim()}`);
      expect(out).toContain('--json');
      expect(out).toContain('Exit codes: 0 done, 1 refused, 2 wrong use, 3 store unavailable');
      const examples = out.slice(out.indexOf('Examples:')).split('\n').slice(1);
      expect(examples[0]).toMatch(new RegExp(`npm run (--silent )?${name}( -- ${path}|$| --)`));
    }
  });

  test('ends with 2 when it is used in a way that there is not', async () => {
    const { code, out, err } = await runCommand([file, '--no-such-option']);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringContaining('--help') });
  });
});
