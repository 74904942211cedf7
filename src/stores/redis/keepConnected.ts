/** Only closing ends the connection to Redis: a client that gives up by itself connects anew. */
import type { RedisClient } from './client.js';

/** How long after a client gave up it connects anew, in milliseconds. */
const ANEW_MS = 100;

/**
 * Connects a client, and again whenever it ends. No retry strategy gives up, and yet ioredis ends a client for good that
 * hears of a failover while it asks a sentinel for the master.
 * @param redis a client that does not connect yet
 * @returns what closes the client
 */
export function keepConnected(redis: RedisClient): () => Promise<void> {
  let closed = false;
  const connect = (): void => {
    if (!closed) redis.connect().catch(() => undefined);
  };
  redis.on('end', () => {
    if (!closed) setTimeout(connect, ANEW_MS);
  });
  connect();
  return async () => {
    closed = true;
    // QUIT lets the commands under way finish. It would wait for a connection that does not come, and then go on trying.
    if (redis.status === 'ready') await redis.quit().catch(() => undefined);
    redis.disconnect();
  };
}
