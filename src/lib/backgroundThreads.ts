/**
 * Threads for work that takes the processor for long and must not take it from the event loop: they run at a low priority,
 * where the system has one for each thread (Linux).
 */
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';

/**
 * How much lower the priority of the threads is than that of the process, as a nice value. Beside a busy event loop on the
 * same processor they get a tenth of it, so that work goes on however much there is to do; otherwise all of it.
 */
export const NICENESS = 10;

type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/**
 * Runs jobs in threads, each of which has one at a time; a thread is started when a job finds no idle one, so the caller
 * decides how many there are by how many jobs it has at once. Idle threads do not keep the process alive.
 * @param file a module that calls `serveJobs`
 * @returns runs one job; rejects with what the job threw, and when its thread ended before it was done
 */
export function backgroundThreads<Job, Result>(file: string): (job: Job) => Promise<Result> {
  const idle: Worker[] = [];
  // Neither the environment, which has secrets, nor what the process preloads is of use there.
  const start = (): Worker => {
    const thread = new Worker(file, { env: {}, execArgv: [] });
    const leave = () => void (idle.includes(thread) && idle.splice(idle.indexOf(thread), 1));
    return thread.on('exit', leave).on('error', leave);
  };
  return (job) =>
    new Promise<Result>((resolve, reject) => {
      const thread = idle.pop() ?? start();
      const done = (settle: () => void): void => {
        thread.off('message', answered).off('error', failed).off('exit', ended).unref();
        settle();
      };
      const answered = (outcome: Outcome<Result>): void => {
        idle.push(thread);
        done(() => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result)));
      };
      const failed = (error: unknown): void => done(() => reject(error));
      const ended = (code: number): void => done(() => reject(new Error(`A background thread ended (${code}).`)));
      thread.ref();
      thread.on('message', answered).on('error', failed).on('exit', ended);
      thread.postMessage(job);
    });
}

/**
 * Makes this thread one that `backgroundThreads` sends jobs to.
 * @param work does one
 */
export function serveJobs<Job, Result>(work: (job: Job) => Result): void {
  const outcome = (job: Job): Outcome<Result> => {
    try {
      return { result: work(job) };
    } catch (error) {
      return { error };
    }
  };
  // Elsewhere it would be the priority of the whole process.
  if (process.platform === 'linux') setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICENESS));
  parentPort?.on('message', (job: Job) => parentPort?.postMessage(outcome(job)));
}
