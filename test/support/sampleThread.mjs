/** A thread that does what it is told, for tests of what happens to those who wait for it. */
import { threadId } from 'node:worker_threads';
import { serveJobs } from '../../dist/lib/backgroundThreads.js';

serveJobs((job) => {
  if (job === 'throw') throw new RangeError('thrown by the job');
  if (job === 'end') process.exit(7);
  if (job === 'fail later')
    setImmediate(() => {
      throw new Error('thrown outside of a job');
    });
  return threadId;
});
