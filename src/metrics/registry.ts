/** The metrics by name, type and labels; docs/operations.md has the same table. Every label's values come from a closed list. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Tally } from '../metrics.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { type Observe, TIMED, type TimedStore } from './timedStores.js';

/** In seconds: a read in memory takes microseconds, a commit on a busy replica set a few hundred milliseconds. */
const STORE_BUCKETS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

export interface Metrics {
  readonly registry: Registry;
  /** Gives the observer of a store's operation. */
  observer(store: TimedStore, operation: string): Observe;
}

/**
 * @param tally what the server counts
 * @param connections about how many connections there are; undefined while that is not known
 */
export function createMetrics(tally: Tally, connections: () => Promise<number | undefined>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  counter('mcp_auth_requests_total', 'Requests by route pattern and outcome.', ['route', 'outcome'], (add) => {
    for (const [route, counts] of tally.requests)
      for (const [outcome, n] of Object.entries(counts)) if (n > 0) add({ route, outcome }, n);
    const { active, inactive, refused, unavailable } = tally.introspections;
    const introspections = { answered: active + inactive, refused, failed: unavailable };
    for (const [outcome, n] of Object.entries(introspections)) add({ route: '/introspect', outcome }, n);
  });
  counter('mcp_auth_introspections_total', 'Introspections by result.', ['result'], (add) => {
    for (const [result, n] of Object.entries(tally.introspections)) add({ result }, n);
  });
  counter('mcp_auth_refusals_total', 'Refusals by route pattern and reason.', ['route', 'reason'], (add) => {
    for (const [route, reasons] of tally.refusals) for (const [reason, n] of reasons) add({ route, reason }, n);
  });
  const repeats = 'Refresh tokens repeated within the replay window, from the address of the first use or another.';
  counter('mcp_auth_refresh_repeats_total', repeats, ['address'], (add) => {
    for (const [address, n] of Object.entries(tally.refreshRepeats)) add({ address }, n);
  });
  new Gauge({
    name: 'mcp_auth_token_requests_waiting',
    help: 'Token requests that wait, by what they wait for.',
    labelNames: ['for'],
    registers,
    collect() {
      for (const [what, n] of Object.entries(tally.tokensWaitingFor)) this.set({ for: what }, n);
    },
  });
  new Gauge({
    name: 'mcp_auth_connections',
    help: 'Connections in the store, active or waiting for their code to be exchanged; counted at most once a minute.',
    registers,
    async collect() {
      const now = await connections();
      if (now === undefined) this.remove();
      else this.set(now);
    },
  });

  function counter(name: string, help: string, labelNames: string[], collect: (add: Add) => void): void {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        collect((labels, n) => this.inc(labels, n));
      },
    });
  }
  return { registry, observer: storeObserver(registers) };
}

type Add = (labels: Readonly<Record<string, string>>, n: number) => void;

function storeObserver(registers: Registry[]): Metrics['observer'] {
  const labelNames = ['store', 'operation'] as const;
  const seconds = new Histogram({
    name: 'mcp_auth_store_seconds',
    help: 'How long operations of the stores took.',
    labelNames,
    registers,
    buckets: STORE_BUCKETS,
  });
  const unavailable = new Counter({
    name: 'mcp_auth_store_unavailable_total',
    help: 'Operations that a store could not answer.',
    labelNames: ['store'],
    registers,
  });
  for (const store of Object.keys(TIMED)) unavailable.inc({ store }, 0);
  return (store, operation) => {
    const took = seconds.labels({ store, operation });
    return (ms, error) => {
      took.observe(ms / 1_000);
      if (error instanceof StoreUnavailableError) unavailable.inc({ store });
    };
  };
}
