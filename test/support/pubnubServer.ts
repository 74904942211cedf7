/**
 * A resource server as PubNub runs one: it verifies JWTs by itself, exchanges every token for one of the admin API, and
 * the admin API asks about that one. Rebuilt from what is known of its settings and requests.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Its environment. The real server does this only with MCP_CLOUD_MODE and MCP_OAUTH_ENABLED set; this one always does. */
export interface PubnubSettings {
  readonly OAUTH_ISSUER: string;
  readonly MCP_RESOURCE_URL: string;
  readonly ADMIN_API_RESOURCE_URL: string;
  readonly OAUTH_CLIENT_ID: string;
  readonly OAUTH_CLIENT_SECRET: string;
}

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
    if (payload.aud !== settings.MCP_RESOURCE_URL || !payload.sub) throw new Error('aud or sub');
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
const serveMcp = async (
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  adminApi: (token: string) => Promise<Record<string, unknown>>,
) => {
  const server = new McpServer({ name: 'pubnub-like', version: '1.0.0' });
  server.registerTool('list_keys', { description: 'Lists keys.' }, async () => {
    const known = await adminApi(token);
    return { content: [{ type: 'text', text: JSON.stringify(known) }], structuredContent: known };
  });
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport as Transport);
  await transport.handleRequest(request, response);
};

/**
 * Starts it.
 * @param port of localhost, the one in MCP_RESOURCE_URL
 * @param adminApi what the admin API answers to a token
 */
export const startPubnubServer = async (
  settings: PubnubSettings,
  port: number,
  adminApi: (token: string) => Promise<Record<string, unknown>>,
): Promise<{ stop(): Promise<void> }> => {
  const exchange = exchanger(settings);
  const metadata = {
    resource: settings.MCP_RESOURCE_URL,
    // The host of the issuer without its path, so clients look for the metadata at the bare root.
    authorization_servers: [new URL(settings.OAUTH_ISSUER).origin],
    scopes_supported: ['openid', 'email', 'profile', 'offline_access'],
    resource_signing_alg_values_supported: ['RS256'],
    bearer_methods_supported: ['header'],
  };
  const server: Server = createServer(async (request, response) => {
    if (request.url?.startsWith('/.well-known/oauth-protected-resource')) {
      send(response, 200, metadata);
      return;
    }
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer === undefined ? undefined : await exchange(bearer).catch(() => undefined);
    // Its challenge does not say where the metadata is.
    if (token !== undefined) await serveMcp(request, response, token, adminApi);
    else send(response, 401, { error: 'Unauthorized' }, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });
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
