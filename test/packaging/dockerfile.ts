/** The Dockerfile as instructions, and its stages carried out in folders as far as that goes without containers. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, in their order. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`No instruction: ${line}`);
    if (name !== 'FROM') stages.at(-1)?.instructions.push({ name, value });
    else {
      const [image = '', , stage = ''] = value.split(' ');
      stages.push({ image, name: stage, instructions: [] });
    }
  }
  return stages;
}

export interface Copy {
  /** The stage that it copies from; the project's folder when undefined. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copyOf({ value }: Instruction): Copy {
  const words = value.split(' ');
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** Files that git knows below a path, so that nothing that lies around here is taken for part of the project. */
export const tracked = (path: string): string[] =>
  execFileSync('git', ['ls-files', '--', path], { encoding: 'utf8' }).split('\n').filter(Boolean);

/**
 * Makes each stage's /app in a folder of its own.
 * @param folder gets one folder a stage, the last one called `final`
 */
export async function build(folder: string): Promise<void> {
  for (const { name, instructions } of stagesOf(await readFile('Dockerfile', 'utf8'))) {
    const app = join(folder, name || 'final');
    await mkdir(app);
    for (const instruction of instructions) {
      if (instruction.name === 'COPY') await copy(folder, app, copyOf(instruction));
      if (instruction.name === 'RUN') await runIn(app, instruction.value);
    }
  }
}

async function copy(folder: string, app: string, { from, sources, target }: Copy): Promise<void> {
  for (const source of sources) {
    if (from !== undefined) {
      await cp(join(folder, from, source.replace(/^\/app\//, '')), join(app, target), { recursive: true });
      continue;
    }
    for (const file of tracked(source)) {
      const to = join(app, target.endsWith('/') ? join(target, file) : file.replace(source, target));
      await mkdir(dirname(to), { recursive: true });
      await cp(file, to);
    }
  }
}

async function runIn(app: string, command: string): Promise<void> {
  if (!command.startsWith('npm ')) return;
  // What a build needs is what the tests were installed with; only the production tree is installed again.
  if (/^npm ci (?!.*--omit=dev)/.test(command)) return symlink(resolve('node_modules'), join(app, 'node_modules'));
  execFileSync('sh', ['-c', `${command}${command.startsWith('npm ci') ? ' --prefer-offline' : ''}`], { cwd: app });
}
