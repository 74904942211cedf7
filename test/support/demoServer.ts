/** The demo MCP server under test, and an authorization server that issues tokens for it. */
import { readFile } from 'node:fs/promises';
import { type ChildServer, freePort, startChild } from './childServer.js';
import { type ServerOptions, startServer, type TestServer } from './server.js';

const DEFAULT_RESOURCE = 'http://localhost:3001/mcp';

/** The part of a config file that tests extend. */
export interface TestConfig {
  resources: object[];
  resourceServers: object[];
}

/**
 * config/default.json with the demo resource at another URL.
 * @param resource the demo MCP server's URL
 */
export const configFor = async (resource: string): Promise<TestConfig> =>
  JSON.parse((await readFile('config/default.json', 'utf8')).replaceAll(DEFAULT_RESOURCE, resource));

/** config/default.json with a secret that nobody knows, as an issuer that others can reach needs one. */
export const configOfOurOwn = async (): Promise<TestConfig> => {
  const config = await configFor(DEFAULT_RESOURCE);
  const clientSecrets = ['a-secret-of-at-least-32-characters-of-our-own'];
  return { ...config, resourceServers: config.resourceServers.map((server) => ({ ...server, clientSecrets })) };
};

/**
 * Starts the demo MCP server.
 * @param issuer the authorization server it asks
 * @param port where it listens on localhost
 * @param env more of its environment
 */
export const startDemoServer = (issuer: string, port: number, env: Record<string, string> = {}): Promise<ChildServer> =>
  startChild(
    ['dist/scripts/demoMcpServer.js'],
    { ISSUER: issuer, DEMO_MCP_PORT: String(port), ...env },
    `http://localhost:${port}/.well-known/oauth-protected-resource/mcp`,
  );

export interface ServerWithDemo {
  readonly server: TestServer;
  readonly demo: ChildServer;
  /** The demo MCP server's URL and resource indicator. */
  readonly resource: string;
  stop(): Promise<void>;
}

/**
 * Starts both on free ports, made for each other.
 * @param options for the authorization server
 */
export const startServerWithDemo = async (options: Omit<ServerOptions, 'config'> = {}): Promise<ServerWithDemo> => {
  const port = await freePort();
  const resource = `http://localhost:${port}/mcp`;
  const server = await startServer({ ...options, config: await configFor(resource) });
  const demo = await startDemoServer(server.issuer, port);
  return {
    server,
    demo,
    resource,
    stop: async () => {
      await demo.stop();
      await server.stop();
    },
  };
};
