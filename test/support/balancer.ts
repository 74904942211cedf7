/** A load balancer for TCP in front of servers that are one issuer, as small as it can be. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const PROBE_MS = 100;

export interface Balancer {
  stop(): Promise<void>;
}

/**
 * Passes each connection on to a server that is ready, in turns; when none is, to any that takes it.
 * @param port where it listens on 127.0.0.1
 * @param servers their ports; asked for at each probe
 */
export async function startBalancer(port: number, servers: () => readonly number[]): Promise<Balancer> {
  let ready: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const probe = async (): Promise<void> => {
    const isReady = (at: number) =>
      fetch(`http://127.0.0.1:${at}/health/ready`).then(
        (answer) => answer.text().then(() => answer.ok),
        () => false,
      );
    const states = await Promise.all(servers().map(async (at) => ({ at, is: await isReady(at) })));
    ready = states.filter(({ is }) => is).map(({ at }) => at);
  };
  const probing = setInterval(() => void probe(), PROBE_MS);
  await probe();

  const pass = (client: Socket, [at, ...others]: readonly number[]): void => {
    if (at === undefined) {
      client.destroy();
      return;
    }
    const server = connect(at, '127.0.0.1');
    open.add(server);
    server.once('close', () => open.delete(server));
    const next = () => pass(client, others);
    server.once('error', next);
    server.once('connect', () => {
      server.off('error', next);
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
      client.pipe(server).pipe(client);
    });
  };
  const listening = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => undefined);
    const all = [...ready, ...servers().filter((at) => !ready.includes(at))];
    turn += 1;
    const first = ready.length > 0 ? turn % ready.length : 0;
    pass(client, [...all.slice(first), ...all.slice(0, first)]);
  });
  await once(listening.listen(port, '127.0.0.1'), 'listening');
  return {
    async stop() {
      clearInterval(probing);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}
