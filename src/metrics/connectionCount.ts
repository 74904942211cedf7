/** How many connections there are, as far as a gauge needs to know: asked at most once a minute, and never waited for twice. */
import type { DurableStore } from '../stores/durable.js';
import { connections } from '../stores/records/connection.js';

/** How long a count is good enough, in milliseconds. */
const GOOD_FOR_MS = 60_000;

/**
 * @returns a function that tells the number; undefined when the store cannot say
 */
export function connectionCount(durable: DurableStore): () => Promise<number | undefined> {
  let latest: { readonly at: number; readonly count: Promise<number | undefined> } | undefined;
  return () => {
    if (latest === undefined || performance.now() - latest.at > GOOD_FOR_MS)
      latest = { at: performance.now(), count: durable.estimate(connections).catch(() => undefined) };
    return latest.count;
  };
}
