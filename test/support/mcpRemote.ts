/** mcp-remote as an MCP client's configuration starts it, with a person at the browser that it opens. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { signInAndConsent } from './person.js';

const PROXY = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js');
const NO_BROWSER = fileURLToPath(new URL('./noBrowser.mjs', import.meta.url));

export interface RemoteHost {
  /** The MCP server's URL. */
  readonly resource: string;
  /** Where it keeps what it stores. */
  readonly home: string;
  /** Of its callback. */
  readonly port: number;
  /** Is told each address that it opens, before the person answers. */
  readonly opened: (url: string) => void;
}

/**
 * Connects through its command line.
 * @throws with all that it printed when it does not connect
 */
export const startMcpRemote = async ({ resource, home, port, opened }: RemoteHost): Promise<Client> => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--import', NO_BROWSER, PROXY, resource, String(port), '--transport', 'http-only'],
    env: { PATH: process.env.PATH ?? '', HOME: home, MCP_REMOTE_CONFIG_DIR: home },
    stderr: 'pipe',
  });
  let printed = '';
  let answered = 0;
  transport.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk;
    const urls = [...printed.matchAll(/by visiting:\s+(http\S+)\s/g)].map((match) => match[1] ?? '');
    for (const url of urls.slice(answered)) {
      answered += 1;
      opened(url);
      signInAndConsent(url).then(fetch, (error: unknown) => {
        printed += String(error);
      });
    }
  });
  const client = new Client({ name: 'configured-host', version: '1.0.0' });
  try {
    await client.connect(transport, { timeout: 20_000 });
    return client;
  } catch (cause) {
    await client.close();
    throw new Error(`mcp-remote did not connect:\n${printed}`, { cause });
  }
};
