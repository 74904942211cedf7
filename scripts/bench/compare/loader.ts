/** The load as a program of its own: reads a job from stdin, runs autocannon, prints what it measured. */
import { text } from 'node:stream/consumers';
import autocannon, { type Options, type Result } from 'autocannon';
import type { Job, Loaded } from './load.js';
import { requestsOf } from './requests.js';

const job = JSON.parse(await text(process.stdin)) as Job;
let wrong: string | undefined;
const noteWrong = (answer: string): void => {
  wrong ??= answer;
};
let connections = 0;
/** One connection can be given requests of its own only without pipelining; with it, each begins elsewhere in the same. */
const own = job.pipelining === 1;
let started = 0;
let ended = 0;
const options: Options = {
  url: `http://127.0.0.1:${job.port}`,
  connections: job.connections,
  pipelining: job.pipelining,
  ...(job.seconds === undefined ? { amount: job.asked.length } : { duration: job.seconds }),
  ...(own ? {} : { requests: requestsOf({ ...job, connections: 1 }, 0, noteWrong) }),
  setupClient: (client) => {
    const nth = connections++;
    if (own) client.setRequests(requestsOf(job, nth, noteWrong));
    else beginAt(client, Math.floor((nth * job.asked.length) / job.connections));
  },
};
const result = await new Promise<Result>((resolve, reject) => {
  const instance = autocannon(options, (error, measured) => (error ? reject(error) : resolve(measured)));
  // What it prepares before the first request takes a while and is no time of the server.
  instance.once('start', () => {
    started = performance.now();
  });
  // By itself it ends at a full second, however long before that the last request was answered.
  instance.on('response', () => {
    ended = performance.now();
  });
});
const seconds = (ended - started) / 1_000;
if (wrong !== undefined || result.errors > 0 || result.non2xx > 0)
  throw new Error(`${result.errors} errors, ${result.non2xx} refusals. ${wrong ?? ''}`);
const { user, system } = process.cpuUsage();
const loaded: Loaded = {
  requests: result['2xx'],
  seconds,
  p50: result.latency.p50,
  p99: result.latency.p99,
  processorTime: (user + system) / 1_000,
};
process.stdout.write(JSON.stringify(loaded));

/** autocannon has no option for it. */
function beginAt(client: unknown, index: number): void {
  (client as { requestIterator: { currentRequestIndex: number } }).requestIterator.currentRequestIndex = index;
}
