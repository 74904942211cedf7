/**
 * Preloaded into a server under test (`node --import`): `{ holdPool: path }` occupies all threads that Node.js has for files,
 * hashes and look-ups, each with the opening of a FIFO at that path, until one opens it to write. Answered by
 * `{ poolHeld: true }`, and by `{ poolHeld: false }` once all are free again.
 */
import { open } from 'node:fs/promises';

const THREADS = 4;

process.on('message', async (message) => {
  if (typeof message?.holdPool !== 'string') return;
  const opened = Promise.all(Array.from({ length: THREADS }, () => open(message.holdPool, 'r')));
  process.send({ poolHeld: true });
  for (const file of await opened) await file.close();
  process.send({ poolHeld: false });
});
