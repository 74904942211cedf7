/** Metrics on a port of their own, for Prometheus; only loaded when METRICS_PORT is set. */
import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import type { Config } from '../config.js';
import type { Tally } from '../metrics.js';
import { type Listening, listen } from '../server.js';
import type { Stores } from '../stores/stores.js';
import { connectionCount } from './connectionCount.js';
import { createMetrics } from './registry.js';
import { timedStores } from './timedStores.js';

/**
 * Times the stores, and serves `/metrics`.
 * @throws StartError when the port is taken
 */
export async function serveMetrics(
  { host }: Pick<Config, 'host'>,
  port: number,
  tally: Tally,
  stores: Stores,
): Promise<{ readonly stores: Stores; readonly server: Listening }> {
  const { registry, observer } = createMetrics(tally, connectionCount(stores.durable));
  const server = await listen({ host, port, variable: 'METRICS_PORT' }, metricsEndpoint(registry));
  return { stores: timedStores(stores, observer), server };
}

const metricsEndpoint = (registry: Registry): RequestListener => {
  return (req, res) => {
    if (req.method !== 'GET' || req.url?.split('?', 1)[0] !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text),
      () => res.writeHead(500).end(),
    );
  };
};
