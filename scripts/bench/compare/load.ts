/** Load on a server, from a process of its own on the other core. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import { type Asked, LOAD_CORE, pinned } from './contestant.js';

/** A client that authenticates by private_key_jwt with ES256. */
export interface Signing {
  readonly clientId: string;
  readonly privateJwk: JWK;
}

export interface Job {
  readonly port: number;
  readonly asked: readonly Asked[];
  readonly connections: number;
  readonly pipelining: number;
  /** How long to ask in turns; or else each request is sent once. */
  readonly seconds?: number;
  /** Each answer's refresh token is the next request of that connection. */
  readonly refreshing?: boolean;
  /** Each request is of this client, which signs it. */
  readonly signing?: Signing;
}

export interface Loaded {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** What the load itself used of its core, in milliseconds. */
  readonly processorTime: number;
}

const LOADER = fileURLToPath(new URL('./loader.js', import.meta.url));

/**
 * Runs a job.
 * @throws when an answer is not 200
 */
export async function load(job: Job): Promise<Loaded> {
  const child = pinned(LOAD_CORE, [LOADER]);
  if (!child.stdout) throw new Error('The load did not start.');
  const exited = once(child, 'exit');
  child.stdin?.end(JSON.stringify(job));
  const printed = await text(child.stdout);
  await exited;
  if (printed === '') throw new Error('The load failed.');
  return JSON.parse(printed) as Loaded;
}
