/** Redis as a cluster and behind sentinels, from real servers on free ports. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './childServer.js';
import { type Service, startRedis } from './services.js';

const SETTLED_WITHIN_MS = 20_000;

export interface RedisTopology {
  /** What REDIS_URL is set to. */
  readonly url: string;
  readonly servers: readonly Service[];
  stop(): Promise<void>;
}

/** Runs a command with redis-cli and returns what it prints. */
export const cli = (port: number, ...command: readonly string[]): string =>
  spawnSync('redis-cli', ['-p', `${port}`, ...command], { encoding: 'utf8' }).stdout;

/**
 * Waits until something holds.
 * @throws after 20 s
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${SETTLED_WITHIN_MS} ms: ${what}`);
    await sleep(50);
  }
}

/** Starts a cluster of three masters. */
export async function startCluster(): Promise<RedisTopology> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const servers = await Promise.all(
    [1, 2, 3].map(async () => startRedis(...options, '--cluster-port', `${await freePort()}`)),
  );
  // `--cluster create` waits a second at a time; giving out the slots by hand takes as long as gossip does.
  const [first, ...others] = servers.map(({ port }) => port);
  if (first === undefined) throw new Error('No server.');
  const bounds = [0, 5_461, 10_923, 16_384];
  for (const [n, { port }] of servers.entries()) {
    cli(port, 'cluster', 'addslotsrange', `${bounds[n]}`, `${(bounds[n + 1] ?? 0) - 1}`);
    cli(port, 'cluster', 'set-config-epoch', `${n + 1}`);
  }
  for (const port of others) {
    const bus = cli(port, 'config', 'get', 'cluster-port').split('\n')[1] ?? '';
    cli(first, 'cluster', 'meet', '127.0.0.1', `${port}`, bus);
  }
  for (const { port } of servers) {
    await until('the cluster is formed', () => {
      const info = cli(port, 'cluster', 'info');
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    });
  }
  return {
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    servers,
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

/**
 * Starts a master, a replica and sentinels that watch them under the name `main`.
 * @param count how many sentinels; most of them agree on a failover
 */
export async function startSentinels(count = 3): Promise<RedisTopology> {
  // Each may be the master, and a master waits for further replicas before it sends one its data.
  const atOnce = ['--repl-diskless-sync-delay', '0'];
  const master = await startRedis(...atOnce);
  const replica = await startRedis('--replicaof', '127.0.0.1', `${master.port}`, ...atOnce);
  await until('the replica is in step', () =>
    cli(replica.port, 'info', 'replication').includes('master_link_status:up'),
  );
  const folder = await mkdtemp(join(tmpdir(), 'sentinels-'));
  const sentinels = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const [port, file] = [await freePort(), join(folder, `${n}.conf`)];
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor main 127.0.0.1 ${master.port} ${Math.floor(count / 2) + 1}`,
        // The third is too late to be a candidate: of three each may vote for itself, and they vote again only 6 s later.
        `sentinel down-after-milliseconds main ${n === 2 ? 2_000 : 500}`,
        'sentinel failover-timeout main 3000',
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return { port, child: spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' }) };
    }),
  );
  for (const { port } of sentinels) {
    await until('the sentinels know each other and the replica', () => {
      const known = cli(port, 'sentinel', 'master', 'main');
      return known.includes(`num-other-sentinels\n${count - 1}\n`) && known.includes('num-slaves\n1\n');
    });
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?master=main`,
    servers: [master, replica],
    async stop() {
      for (const { child } of sentinels) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
      await Promise.all([master.stop(), replica.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
