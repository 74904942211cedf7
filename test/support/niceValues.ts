/** The priorities of the threads of a process (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns the nice value of the main thread, and those of all others */
export function niceValues(pid: number): { main: number; others: number[] } {
  const of = (thread: string): number => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // proc_pid_stat(5): the name in parentheses is field 2, the nice value field 19.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  };
  const others = readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== String(pid));
  return { main: of(String(pid)), others: others.map(of) };
}
