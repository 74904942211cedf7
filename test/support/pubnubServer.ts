/**
 * PubNub's MCP server: it verifies JWTs by itself, exchanges every token for one of the admin API, and the admin API asks about
 * that one. Rebuilt here from its source (version 2.3.6), with its settings, its metadata, its challenge and one of its tools; the
 * real one is run in its place with PUBNUB_MCP_SERVER, the path of its `dist/index.js`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * Its environment, beside `MCP_CLOUD_MODE` and `MCP_OAUTH_ENABLED`, which are both `true`. Of no matter here: `MCP_SESSION_SUPPORT`,
 * `PUBNUB_API_KEY`, `PUBNUB_ORIGIN`, `SDK_DOCS_API_URL`, `LOG_PRETTY`, and `MCP_MODE`, which `--http` stands for.
 */
export interface PubnubSettings {
  readonly OAUTH_ISSUER: string;
  readonly MCP_RESOURCE_URL: string;
  readonly ADMIN_API_RESOURCE_URL: string;
  readonly ADMIN_API_V2_URL: string;
  readonly OAUTH_CLIENT_ID: string;
  readonly OAUTH_CLIENT_SECRET: string;
}

interface Running {
  stop(): Promise<void>;
}

/** The tool of its that the tests use, and its arguments. */
export const LIST_APPS = { name: 'manage_apps', arguments: { operation: 'list' } };

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Trades a token that it verified itself; an error when anything is not as it must be. */
const exchanger = (settings: PubnubSettings) => {
  const issuer = settings.OAUTH_ISSUER;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  let tokenEndpoint: string | undefined;
  const discovered = async (): Promise<string> => {
    const metadata = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
    return ((await metadata.json()) as { token_endpoint: string }).token_endpoint;
  };
  return async (bearer: string): Promise<string> => {
    const { payload } = await jwtVerify(bearer, keys, { issuer, audience: settings.MCP_RESOURCE_URL });
    if (!payload.sub) throw new Error('sub');
    tokenEndpoint ??= await discovered();
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: bearer,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: settings.ADMIN_API_RESOURCE_URL,
        client_id: settings.OAUTH_CLIENT_ID,
        client_secret: settings.OAUTH_CLIENT_SECRET,
      }).toString(),
    });
    const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown };
    if (!response.ok || typeof answer.access_token !== 'string' || typeof answer.expires_in !== 'number')
      throw new Error(`exchange: ${response.status}`);
    return answer.access_token;
  };
};

/** The tool's answer comes from the admin API, which is given the exchanged token. */
const serveMcp = async (request: IncomingMessage, response: ServerResponse, token: string, adminApi: string) => {
  const server = new McpServer({ name: 'pubnub-like', version: '1.0.0' });
  server.registerTool(LIST_APPS.name, { description: 'Manages apps.' }, async () => {
    const headers = { authorization: `Bearer ${token}` };
    const listed = await fetch(`${adminApi}/v2/apps?page=1&limit=100`, { headers });
    return { content: [{ type: 'text', text: await listed.text() }], isError: !listed.ok };
  });
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport as Transport);
  await transport.handleRequest(request, response);
};

const serve = async (port: number, handler: RequestListener): Promise<Running> => {
  const server: Server = createServer(handler);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const startRebuilt = (settings: PubnubSettings, port: number): Promise<Running> => {
  const exchange = exchanger(settings);
  const metadata = {
    resource: settings.MCP_RESOURCE_URL,
    // The issuer without this one path, so clients look for the metadata at the bare root.
    authorization_servers: [settings.OAUTH_ISSUER.replace(/\/oauth$/, '')],
    bearer_methods_supported: ['header'],
    resource_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile', 'offline_access'],
  };
  // Its challenge does not say where the metadata is.
  const challenge = `Bearer resource="${settings.MCP_RESOURCE_URL}", error="invalid_token"`;
  return serve(port, async (request, response) => {
    if (request.url === '/.well-known/oauth-protected-resource') {
      send(response, 200, metadata);
      return;
    }
    if (request.url !== '/') {
      send(response, 404, {});
      return;
    }
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer === undefined ? undefined : await exchange(bearer).catch(() => undefined);
    if (token !== undefined) await serveMcp(request, response, token, settings.ADMIN_API_V2_URL);
    else send(response, 401, { error: 'Unauthorized' }, { 'www-authenticate': challenge });
  });
};

const startReal = async (path: string, settings: PubnubSettings, port: number): Promise<Running> => {
  const switches = { MCP_CLOUD_MODE: 'true', MCP_OAUTH_ENABLED: 'true', MCP_SUBSCRIBE_ANALYTICS_DISABLED: 'true' };
  const env = { PATH: process.env.PATH ?? '', ...settings, ...switches };
  const child = spawn(process.execPath, [path, '--http', `--port=${port}`], { env, stdio: 'ignore' });
  for (let tries = 0; ; tries += 1) {
    const up = await fetch(`http://localhost:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) break;
    if (tries > 100) throw new Error(`${path} does not answer.`);
    await sleep(100);
  }
  return {
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
};

/**
 * Starts it.
 * @param port of localhost, the one in MCP_RESOURCE_URL
 */
export const startPubnubServer = (settings: PubnubSettings, port: number): Promise<Running> => {
  const real = process.env.PUBNUB_MCP_SERVER;
  return real ? startReal(real, settings, port) : startRebuilt(settings, port);
};

/**
 * Starts an admin API: one app, named after what this API knows of the token.
 * @param port of localhost, the one in ADMIN_API_V2_URL
 * @param known what a token stands for; undefined for one that is not to be served
 */
export const startAdminApi = (
  port: number,
  known: (token: string) => Promise<Record<string, unknown> | undefined>,
): Promise<Running> =>
  serve(port, async (request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const about = await known(token);
    if (about) send(response, 200, { apps: [{ id: 'app-1', name: JSON.stringify(about) }], total: 1 });
    else send(response, 401, { error: 'unauthorized' });
  });
