/** REDIS_URL: one server, Sentinel or Cluster, with or without TLS. */

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export interface RedisTarget {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** What the sentinels call the set of servers; with Sentinel only. */
  readonly master?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

const FORMS =
  'redis://[user:password@]host[:port][/db], redis+sentinel://[user:password@]host[:port],…/[db]?master=name or redis+cluster://[user:password@]host[:port],… (rediss instead of redis for TLS)';

const URL_PARTS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:(.*)@)?([^/?#@]+)(?:\/(\d*))?(?:\?([^#]*))?$/;
const HOST_AND_PORT = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;

const SENTINEL_PARAMETERS = ['master', 'sentinelUsername', 'sentinelPassword'] as const;

/**
 * Reads REDIS_URL.
 * @throws Error that says what is wrong, without quoting credentials
 */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme, topology, userinfo, hosts = '', db] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined) throw new Error(`REDIS_URL must be ${FORMS}.`);
  const kind = topology === 'sentinel' || topology === 'cluster' ? topology : 'single';
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel' ? 26_379 : 6_379));
  const [first, ...others] = nodes;
  if (!first || (kind === 'single' && others.length > 0))
    throw new Error('REDIS_URL names several hosts; use redis+sentinel:// or redis+cluster:// for that.');
  if (kind === 'cluster' && Number(db ?? 0) !== 0) throw new Error('REDIS_URL: a Redis Cluster has no database but 0.');
  return {
    kind,
    nodes: [first, ...others],
    tls: scheme === 'rediss',
    ...credentialsOf(userinfo),
    db: Number(db ?? 0),
    ...parametersOf(kind, new URLSearchParams(URL_PARTS.exec(url)?.[6])),
  };
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new Error('REDIS_URL: after the credentials come hosts, each as host, host:port or [IPv6]:port.');
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) };
}

function credentialsOf(userinfo: string | undefined): Pick<RedisTarget, 'username' | 'password'> {
  if (userinfo === undefined) return {};
  const colon = userinfo.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? userinfo : userinfo.slice(0, colon));
    const password = colon < 0 ? '' : decodeURIComponent(userinfo.slice(colon + 1));
    return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  } catch {
    throw new Error('REDIS_URL: user and password must be percent-encoded; write % as %25.');
  }
}

function parametersOf(kind: RedisTarget['kind'], given: URLSearchParams) {
  const known: readonly string[] = kind === 'sentinel' ? SENTINEL_PARAMETERS : [];
  for (const name of given.keys()) {
    if (!known.includes(name)) throw new Error(`REDIS_URL: the parameter "${name}" means nothing in this kind of URL.`);
  }
  if (kind === 'sentinel' && !given.get('master'))
    throw new Error('REDIS_URL: redis+sentinel:// needs ?master= with the name that the sentinels watch.');
  return Object.fromEntries(SENTINEL_PARAMETERS.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : [])));
}
