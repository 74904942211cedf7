/** The connection to Redis: fails at once while Redis is away, and comes back by itself. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from './url.js';

export type RedisClient = Redis | Cluster;

/** Runs a command and tells what its failure means. */
export type Answered = <T>(command: (redis: RedisClient) => Promise<T>) => Promise<T>;

/** How long a command may take before its caller is told that Redis does not answer, in milliseconds. */
const COMMAND_MS = 2_000;

/** So that Redis, once it is back, is found within a second. */
const again = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000);

/** Makes a client that does not connect yet. */
export function newRedisClient(target: RedisTarget): RedisClient {
  return target.kind === 'cluster' ? newClusterClient(target) : newServerClient(target);
}

function newServerClient(target: RedisTarget): Redis {
  const { nodes, db } = target;
  const [{ host, port }] = nodes;
  const own = { ...commonOptions(target), db, enableOfflineQueue: false, retryStrategy: again };
  if (target.kind !== 'sentinel') return new Redis({ ...own, host, port });
  return new Redis({
    ...own,
    sentinels: nodes.map((node) => ({ ...node })),
    name: target.master ?? '',
    ...(target.sentinelUsername ? { sentinelUsername: target.sentinelUsername } : {}),
    ...(target.sentinelPassword ? { sentinelPassword: target.sentinelPassword } : {}),
    ...(target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelCommandTimeout: 1_000,
    sentinelRetryStrategy: again,
    // Hears of a failover from the sentinels, also when the old master still answers.
    failoverDetector: true,
  });
}

function newClusterClient(target: RedisTarget): Cluster {
  return new Cluster(
    target.nodes.map((node) => ({ ...node })),
    {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: again,
      slotsRefreshTimeout: 1_000,
      slotsRefreshInterval: 5_000,
      // While a replica takes over: about a second, then the caller is told.
      maxRedirections: 10,
      retryDelayOnFailover: 100,
      retryDelayOnClusterDown: 100,
      redisOptions: commonOptions(target),
      // With TLS the certificate names the host, so the host must not become an address.
      ...(target.tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
    },
  );
}

function commonOptions({ username, password, tls }: RedisTarget) {
  return {
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    // GET, SET and DEL have the same answers in both protocols, and every proxy speaks the older one.
    protocol: 2 as const,
    connectTimeout: 2_000,
    disconnectTimeout: 500,
    commandTimeout: COMMAND_MS,
    // A server that vanished without closing its connections.
    socketTimeout: COMMAND_MS + 500,
    maxRetriesPerRequest: 0,
    // A command whose answer was lost is not sent again later, behind its caller's back.
    autoResendUnfulfilledCommands: false,
    // A master that became a replica.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  } satisfies RedisOptions;
}
