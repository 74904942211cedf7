/** The demo MCP server over HTTP: its metadata, the bearer check, and Streamable HTTP behind it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { bearerChallenge, resourceMetadataUrl, sendJson } from './challenges.js';
import { bearerLookup, type Caller, IntrospectionUnavailable } from './introspection.js';
import { BodyTooLarge, readBody } from './requestBody.js';
import { missingScope } from './scopes.js';
import type { DemoSettings } from './settings.js';
import { type Notes, SCOPES, toolsFor } from './tools.js';

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

const serveMcp = async (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  caller: Caller,
  notes: Notes,
) => {
  const server = toolsFor(caller, notes);
  // No sessions: a session would outlive the answer of introspection that it began with.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void server.close());
  // The SDK's accessors are typed with `| undefined`, which exactOptionalPropertyTypes tells apart from optional.
  await server.connect(transport as Transport);
  await transport.handleRequest(request, response, body);
};

const handler = (settings: DemoSettings) => {
  const lookup = bearerLookup(settings);
  const notes: Notes = new Map();
  const path = new URL(settings.resource).pathname;
  const metadata = resourceMetadataUrl(settings.resource);
  const metadataPaths = new Set([metadata.pathname, '/.well-known/oauth-protected-resource']);
  const hints = { resource_metadata: metadata.href };
  const advertised = SCOPES.filter((scope) => !settings.hiddenScopes.includes(scope));
  const allScopes = { scope: advertised.join(' ') };

  const challenge = (response: ServerResponse, status: number, error: string, parameters: Record<string, string>) =>
    sendJson(response, status, { error }, { 'www-authenticate': bearerChallenge(parameters) });

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requested = new URL(request.url ?? '/', settings.resource).pathname;
    if (metadataPaths.has(requested)) {
      return sendJson(
        response,
        200,
        {
          resource: settings.resource,
          resource_name: 'Demo MCP server',
          authorization_servers: [settings.issuer],
          scopes_supported: advertised,
          bearer_methods_supported: ['header'],
        },
        { 'access-control-allow-origin': '*' },
      );
    }
    if (requested !== path) {
      return sendJson(response, 404, { error: `There is only ${settings.resource} here.` });
    }

    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (request.headers.authorization === undefined) {
      // RFC 6750 §3.1: no error code when the request carried no authentication at all.
      return challenge(response, 401, 'unauthorized', { ...hints, ...allScopes });
    }
    const caller = token === undefined ? undefined : await lookup(token);
    if (!caller) {
      return challenge(response, 401, 'invalid_token', { error: 'invalid_token', ...hints, ...allScopes });
    }
    if (request.method !== 'POST') {
      return sendJson(response, 405, { error: 'Only POST is answered here.' }, { allow: 'POST' });
    }

    const body = await readBody(request);
    const scope = missingScope(body, caller.scope.split(' '));
    if (scope) {
      return challenge(response, 403, 'insufficient_scope', { error: 'insufficient_scope', scope, ...hints });
    }
    await serveMcp(request, response, body, caller, notes);
  };
};

const sendFailure = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof SyntaxError) {
    sendJson(response, 400, { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' }, id: null });
  } else if (error instanceof BodyTooLarge) {
    sendJson(response, 413, { error: error.message }, { connection: 'close' });
  } else if (error instanceof IntrospectionUnavailable) {
    // Nobody is let in, and nobody is told that the token is bad: a client would throw it away.
    console.error('demo MCP server:', error);
    sendJson(response, 503, { error: 'temporarily_unavailable' }, { 'retry-after': '1' });
  } else {
    console.error('demo MCP server:', error);
    sendJson(response, 500, { error: 'server_error' });
  }
};

/**
 * Starts the demo MCP server on 127.0.0.1; resolves when it listens.
 * @param settings where it listens and whom it asks
 */
export const startDemoMcpServer = (settings: DemoSettings): Promise<Server> => {
  const handle = handler(settings);
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendFailure(response, error));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', () => resolve(server));
  });
};
