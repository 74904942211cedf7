/** Changes from another process while a server is measured. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ended, LOAD_CORE, pinned } from './contestant.js';
import type { Meanwhile } from './turn.js';

const CHANGER = fileURLToPath(new URL('./servers/changer.js', import.meta.url));

/**
 * Starts a process that renames organizations of an embedded store in turns, each time one, while it is told to.
 * @param folder the store's
 * @param organizations how many there are
 * @param everyMs milliseconds from one change to the next
 */
export function startChanges(folder: string, organizations: number, everyMs: number) {
  const child = pinned(LOAD_CORE, [CHANGER, folder, String(organizations), String(everyMs)]);
  if (!child.stdout || child.pid === undefined) throw new Error('The changes did not start.');
  const lines = createInterface(child.stdout);
  let made = 0;
  const meanwhile: Meanwhile = {
    pid: child.pid,
    start: () => child.stdin?.write('start\n'),
    /** Demands that there were changes: without them the measurement shows nothing. */
    async stop() {
      child.stdin?.write('stop\n');
      const [total] = (await once(lines, 'line')) as [string];
      if (Number(total) <= made) throw new Error('Nothing was changed meanwhile.');
      made = Number(total);
    },
  };
  return { meanwhile, end: () => ended(child) };
}
