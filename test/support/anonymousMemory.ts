/** How much memory of its own a process has; the file that the embedded store maps does not count. */
import { readFileSync } from 'node:fs';

/** RssAnon of a process on this machine, in bytes (Linux). */
export const anonymousMemory = (pid: number): number => {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status says no RssAnon.`);
  return Number(kilobytes) * 1_024;
};
