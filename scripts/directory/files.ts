/** `import <file>` and `export [file]` */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportDirectory } from '#src/organizations/exportDirectory.js';
import { importDirectory } from '#src/organizations/importDirectory.js';
import { withExamples } from '../cli/command.js';
import { UsageError } from '../cli/exitCodes.js';
import { type Progress, progressOf } from '../cli/progress.js';
import { answer, counted, operator } from './answer.js';
import { acceptUnverifiedOption } from './roleOption.js';

const because = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file cannot be read: ${because(error)}`);
  }
}

/** Readable for its owner alone, and never half written. */
async function write(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (error) {
    throw new UsageError(`The file cannot be written: ${because(error)}`);
  }
}

/** How many addresses are named at most. */
const NAMED = 20;

const listed = (emails: readonly string[]): string =>
  [...emails.slice(0, NAMED), ...(emails.length > NAMED ? [`${emails.length - NAMED} more`] : [])].join(', ');

async function importFile(path: string, options: { acceptUnverified?: true }, command: Command): Promise<void> {
  const content = await read(path);
  await answer(command, async (stores) => {
    let progress: Progress | undefined;
    const report = (done: number, total: number): void => {
      progress ??= progressOf('import', total);
      progress.report(done);
    };
    const imported = importDirectory(stores, operator, content, report, options);
    const { passwordsKept, ...summary } = await imported.finally(() => progress?.end());
    const text = Object.entries(summary).map(
      ([what, { added, changed, unchanged }]) => `${what}: ${added} added, ${changed} changed, ${unchanged} unchanged`,
    );
    if (passwordsKept.length === 0) return { text, json: summary };
    const kept = `The file has another password for ${listed(passwordsKept)}, who keep the one that they have; "accounts set-password" sets a new one.`;
    return { text: [...text, kept], json: { ...summary, passwordsKept } };
  });
}

const exportFile = (
  path: string | undefined,
  { withPasswordHashes = false }: { withPasswordHashes?: boolean },
  command: Command,
): Promise<void> =>
  answer(command, async ({ durable }) => {
    const directory = await exportDirectory(durable, { withPasswordHashes });
    const content = JSON.stringify(directory, null, 2);
    if (path === undefined) return { text: content.split('\n'), json: directory };
    await write(path, `${content}\n`);
    const { accounts, organizations, members } = directory;
    const counts = `${counted(accounts.length, 'account')}, ${counted(organizations.length, 'organization')} and ${counted(members.length, 'member')}`;
    const secrecy = withPasswordHashes ? 'It holds password hashes: keep it secret.' : 'It holds no passwords.';
    const json = {
      file: path,
      accounts: accounts.length,
      organizations: organizations.length,
      members: members.length,
    };
    return { text: [`Wrote ${counts} to ${path}. ${secrecy}`], json };
  });

/** Adds the commands for whole directories to the program. */
export function addFileCommands(program: Command): void {
  withExamples(program.command('import'), 'npm run directory -- import config/demo-directory.json')
    .description('add and change what a JSON file says; nothing when any line of it is wrong; removes nothing')
    .argument('<file>', 'as config/demo-directory.json')
    .addOption(acceptUnverifiedOption())
    .action(importFile);
  withExamples(
    program.command('export'),
    'npm run directory -- export directory.json',
    'npm run --silent directory -- export > directory.json',
  )
    .description('write the directory as JSON that can be imported')
    .argument('[file]', 'standard output when left out')
    .option('--with-password-hashes', 'so that people keep their passwords; keep that file secret')
    .action(exportFile);
}
