/** Other versions of Node.js than the one that runs the tests, as the npm package `node` brings them. */
import { execFileSync } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The versions that the tests ran on; which one of a major version it is does not matter. */
const VERSIONS = { 20: '20.20.2', 24: '24.21.0' } as const;
export type Major = keyof typeof VERSIONS;

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mcp-authorization-server');

/**
 * The path of a Node.js program. What is not here yet comes from the npm registry, once for all later runs: not the
 * package `node`, whose install script fetches another package, but that one, which is nothing but the program.
 * @throws Error when the registry does not give it
 */
export async function nodeOf(major: Major): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(CACHE, `${name}-${VERSIONS[major]}`);
  const isThere = await access(program).then(
    () => true,
    () => false,
  );
  if (isThere) return program;
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'install-'));
  try {
    const options = [
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--prefix',
      folder,
    ];
    execFileSync('npm', ['install', ...options, `${name}@${VERSIONS[major]}`], { stdio: 'pipe' });
    await cp(join(folder, 'node_modules', name, 'bin/node'), join(folder, 'node'));
    await rename(join(folder, 'node'), program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return program;
}

/** A Node.js program of version 22 or newer: the one that runs the tests where it is one. Undefined where npm has none for this platform. */
export async function nodeAtLeast22(): Promise<string | undefined> {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  return nodeOf(24).catch(() => undefined);
}
