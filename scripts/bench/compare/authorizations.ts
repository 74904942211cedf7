/** Whole authorizations in a second, with people who are signed in: six requests each, two pages among them. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../cli/command.js';
import { ended, LOAD_CORE, pinned } from './contestant.js';
import { watch } from './disturbance.js';
import { startOurs } from './ours.js';
import type { Options } from './rounds.js';
import { median } from './table.js';

const PROGRAM = fileURLToPath(new URL('./servers/authorizing.js', import.meta.url));

const MOST_TRIES = 4;

/**
 * Measures them on the demo directory, in the embedded store.
 * @param seconds how long each measurement takes
 * @returns how many in a second, and milliseconds of the server's processor for each
 */
export async function authorizations({ rounds }: Options, seconds: number): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-authorize-'));
  const server = await startOurs(folder, { DATA_DIR: folder });
  const people = pinned(LOAD_CORE, [PROGRAM, `http://127.0.0.1:${server.port}`, String(seconds)]);
  if (!people.stdout || people.pid === undefined) throw new Error('Nobody authorizes.');
  const lines = createInterface(people.stdout);
  const counted: number[] = [];
  let processorTime = 0;
  try {
    await once(lines, 'line');
    for (let tried = 0; counted.length < rounds && tried < MOST_TRIES * rounds; tried += 1) {
      const end = watch([server.pid, people.pid]);
      people.stdin?.write('go\n');
      const [line] = (await once(lines, 'line')) as [string];
      const { disturbed, used } = end(0);
      // The first requests are the compiler's.
      if (disturbed || tried === 0) continue;
      counted.push(Number(line));
      processorTime = (used.get(server.pid) ?? 0) / (Number(line) * seconds);
    }
  } finally {
    await ended(people);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const undisturbed = counted.length >= rounds;
  const speed = undisturbed ? `${median(counted).toFixed(0)} a second` : 'disturbed by other load too often';
  return {
    text: [`Whole authorizations: ${speed}, about ${processorTime.toFixed(1)} ms of the server's processor each.`, ''],
    json: { undisturbed, perSecond: counted, processorTime },
  };
}
