/** A server on a seeded embedded store, introspected as resource servers do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Stores } from '#src/stores/stores.js';
import { issueTokens } from './accessTokens.js';

const MAIN = fileURLToPath(new URL('../../../main.js', import.meta.url));
const TOKENS = 1_000;
const AUTHORIZATION = `Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;

/**
 * Starts a server.
 * @returns introspects one of a thousand tokens over one connection, and ends the server
 */
export async function serve(stores: Stores, total: number, dataDir: string, port: number) {
  const tokens = await issueTokens(stores, total, TOKENS);
  const env = { PATH: process.env.PATH, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`)
      .then(({ ok }) => ok)
      .catch(() => false);
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 50));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async introspect(round: number): Promise<void> {
      const body = `token=${tokens[(round * 389) % TOKENS]}`;
      const headers = {
        authorization: AUTHORIZATION,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
      };
      const asked = request({ port, host: '127.0.0.1', path: '/introspect', method: 'POST', agent, headers });
      asked.end(body);
      const [answer] = await once(asked, 'response');
      const text = (await answer.setEncoding('utf8').toArray()).join('');
      if (!text.startsWith('{"active":true')) throw new Error(text);
    },
    async stop(): Promise<void> {
      agent.destroy();
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
