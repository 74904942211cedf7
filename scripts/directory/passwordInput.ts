/** Passwords come from standard input, never from arguments, which other users of the machine can see. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { UsageError } from '../cli/exitCodes.js';

/** Asks on the terminal and does not show what is typed. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => reject(new UsageError('No password was typed; nothing was changed.')));
    lines.once('SIGINT', () => lines.close());
  }).finally(() => {
    process.stderr.write('\n');
    lines.close();
  }) as Promise<string>;
}

/**
 * Reads a new password: from the terminal, twice and without echo, or with `--password-stdin` from standard input.
 * @param fromStdin whether `--password-stdin` was given; one line break at the end does not count
 * @throws UsageError when there is neither, or when the two differ
 */
export async function newPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask for the password; pipe it in and add --password-stdin.');
  const password = await ask('New password: ');
  if ((await ask('The same again: ')) !== password)
    throw new UsageError('The two passwords differ; nothing was changed.');
  return password;
}
