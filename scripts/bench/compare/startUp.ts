/** How long the server takes to be ready, and what memory it holds while nobody asks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../../cli/command.js';
import { watch } from './disturbance.js';
import { startOurs } from './ours.js';
import { anonymousMemory } from './processorTime.js';
import { median } from './table.js';

/** An idle process gives memory back after a while. */
const IDLE_MS = 2_000;
const TRIES = 15;

/**
 * Starts the server so many times that nothing disturbs, after a first start that makes the store.
 * @returns the time of a start in milliseconds, and RssAnon in megabytes
 */
export async function startUp(rounds: number): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
  const ready: number[] = [];
  const idle: number[] = [];
  try {
    await (await startOurs(folder, { DATA_DIR: folder })).stop();
    for (let tried = 0; ready.length < rounds && tried < TRIES; tried += 1) {
      const end = watch([process.pid]);
      const server = await startOurs(folder, { DATA_DIR: folder });
      const { disturbed } = end(0);
      await pause(IDLE_MS);
      idle.push(anonymousMemory(server.pid));
      await server.stop();
      if (!disturbed) ready.push(server.readyAfter);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const undisturbed = ready.length >= rounds;
  const start = undisturbed ? `${median(ready).toFixed(0)} ms` : 'disturbed by other load too often';
  return {
    text: [
      `From the start of the process to the first answer of /health/ready: ${start}.`,
      `RssAnon when idle: ${median(idle).toFixed(0)} MB.`,
      '',
    ],
    json: { undisturbed, milliseconds: ready, idleMegabytes: idle },
  };
}
