/** Redis must not throw sign-ins and tokens away to make room: it should refuse writes instead. */
import { Cluster } from 'ioredis';
import type { RedisClient } from './client.js';

/** Warns when a server has another `maxmemory-policy` than `noeviction`, or does not tell. */
export async function warnUnlessNothingIsEvicted(redis: RedisClient, warn: (message: string) => void): Promise<void> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  // INFO and not CONFIG GET, which managed Redis mostly forbids.
  const policies = await Promise.all(
    servers.map(async (server) =>
      server.info('memory').then(
        (memory) => /^maxmemory_policy:(\S+)/m.exec(memory)?.[1],
        () => undefined,
      ),
    ),
  );
  const other = policies.find((policy) => policy !== undefined && policy !== 'noeviction');
  if (other !== undefined)
    warn(
      `Redis has maxmemory-policy ${other}: when its memory is full it drops sign-ins and tokens in use. Set maxmemory-policy noeviction.`,
    );
  else if (policies.includes(undefined))
    warn('Redis does not tell its maxmemory-policy; make sure that it is noeviction.');
}
