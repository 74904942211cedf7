/**
 * Preloaded into a server under test: measures how long one turn of its event loop works. `{ heldLoop: 'begin' }` over the
 * child's IPC channel begins, `{ heldLoop: 'end' }` is answered with `{ longestTurn }` in milliseconds. Where the system
 * tells it, that is the time in which the thread had a processor, so that a busy machine does not count as a long turn.
 */
import { openSync, readSync } from 'node:fs';

const buffer = Buffer.alloc(100);
let file;
try {
  file = openSync('/proc/self/schedstat', 'r');
} catch {
  // Not Linux: the time that passes has to do.
}

/** Milliseconds of work of this thread. */
function worked() {
  if (file === undefined) return performance.now();
  const length = readSync(file, buffer, 0, buffer.length, 0);
  return Number(buffer.toString('latin1', 0, length).split(' ')[0]) / 1_000_000;
}

let timer;
let longestTurn = 0;

process.on('message', (message) => {
  if (message?.heldLoop === 'begin') {
    longestTurn = 0;
    let before = worked();
    clearInterval(timer);
    // Between two of these lie one turn that is longer than a millisecond, or a few that are shorter.
    timer = setInterval(() => {
      const now = worked();
      longestTurn = Math.max(longestTurn, now - before);
      before = now;
    }, 1).unref();
  }
  if (message?.heldLoop === 'end') {
    // Not before the turn that is under way has been measured.
    setTimeout(() => {
      clearInterval(timer);
      process.send({ longestTurn });
    }, 5);
  }
});
process.channel?.unref();
