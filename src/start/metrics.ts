/** Metrics where METRICS_PORT asks for them; elsewhere nothing is timed, and their library is not even loaded. */
import type { Config } from '../config.js';
import type { Tally } from '../metrics.js';
import type { Stores } from '../stores/stores.js';

export interface MetricsService {
  /** The stores to work with: timed ones where there are metrics. */
  readonly stores: Stores;
  /** Stops serving metrics. */
  end(): Promise<void>;
}

/** @throws StartError when METRICS_PORT is taken */
export async function startMetrics(config: Config, tally: Tally, stores: Stores): Promise<MetricsService> {
  const { metricsPort } = config;
  if (metricsPort === undefined) return { stores, end: async () => undefined };
  const { serveMetrics } = await import('../metrics/serve.js');
  const { stores: timed, server } = await serveMetrics(config, metricsPort, tally, stores);
  return { stores: timed, end: () => server.drain(0) };
}
