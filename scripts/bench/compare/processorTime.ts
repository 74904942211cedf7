/** Who used the processors, in milliseconds, as the kernel counts it (Linux, in steps of 10 ms). */
import { readdirSync, readFileSync } from 'node:fs';

const MS_PER_TICK = 10;

export interface MachineTime {
  /** What all programs used, on all cores. */
  readonly busy: number;
  /** What the hypervisor gave to other machines while a program here could have run. */
  readonly stolen: number;
}

/** What the machine used since it started. */
export function machineTime(): MachineTime {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  // cpu user nice system idle iowait irq softirq steal
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) * MS_PER_TICK);
  return { busy: user + nice + system + irq + softirq, stolen: steal };
}

/** What processes used since they started, each with its threads and all its descendants. */
export function treeTimes(pids: readonly number[]): Map<number, number> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const timeOf = (pid: number): number =>
    all.reduce((sum, stat) => {
      if (stat.pid === pid) return sum + stat.time;
      return stat.parent === pid ? sum + timeOf(stat.pid) : sum;
    }, 0);
  return new Map(pids.map((pid) => [pid, timeOf(pid)]));
}

/** Nothing for a process that ended since it was listed. */
function statOf(pid: string): { readonly pid: number; readonly parent: number; readonly time: number }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime, stime, and those of children that ended and were waited for.
    const time = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * MS_PER_TICK, 0);
    return [{ pid: Number(pid), parent: Number(fields[1]), time }];
  } catch {
    return [];
  }
}

/** Memory of a process that is not a file's (RssAnon), in megabytes. */
export function anonymousMemory(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}
