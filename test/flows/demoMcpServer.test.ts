/** The demo MCP server as an OAuth resource server: what it says to clients that may not come in (RFC 6750, RFC 9728). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { type Answer, request, TestClient } from '../support/client.js';
import { configFor, type ServerWithDemo, startDemoServer, startServerWithDemo } from '../support/demoServer.js';
import { connectMcp, MemoryAuth } from '../support/mcpClient.js';
import { startServer } from '../support/server.js';

let both: ServerWithDemo;
let client: TestClient;
beforeAll(async () => {
  both = await startServerWithDemo();
  client = await TestClient.register(both.server, both.resource);
});
afterAll(() => both?.stop());

const callTool = (name: string, token?: string, resource = both.resource): Promise<Answer> =>
  request(resource, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { text: 'x' } } }),
  });

const challengeOf = (answer: Answer): string => answer.headers.get('www-authenticate') ?? '';

describe('the demo MCP server', () => {
  test('leads a client without a token to its metadata, and from there to the authorization server', async () => {
    const answer = await callTool('whoami');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).not.toContain('error=');
    const url = /resource_metadata="([^"]+)"/.exec(challengeOf(answer))?.[1] ?? 'none';
    const metadata = await request(url);
    expect(metadata.json).toMatchObject({
      resource: both.resource,
      authorization_servers: [both.server.issuer],
      scopes_supported: ['mcp:read', 'mcp:write'],
      bearer_methods_supported: ['header'],
    });
    const atRoot = await request(new URL('/.well-known/oauth-protected-resource', both.resource));
    expect(atRoot.json).toEqual(metadata.json);
  });

  test('advertises no hidden scope, neither in its metadata nor in its challenge, and names it to a client that needs it', async () => {
    const port = await freePort();
    const resource = `http://localhost:${port}/mcp`;
    const config = await configFor(resource);
    const resources = config.resources.map((one) => ({
      ...one,
      defaultScopes: ['mcp:read'],
      hiddenScopes: ['mcp:write'],
    }));
    const server = await startServer({ config: { ...config, resources } });
    const demo = await startDemoServer(server.issuer, port, { DEMO_HIDDEN_SCOPES: 'mcp:write' });
    try {
      const metadata = await request(new URL('/.well-known/oauth-protected-resource/mcp', resource));
      expect(metadata.json.scopes_supported).toEqual(['mcp:read']);
      expect(challengeOf(await request(resource, { method: 'POST' }))).toContain('scope="mcp:read"');
      const auth = new MemoryAuth();
      const reading = await connectMcp(resource, auth);
      expect(auth.stored.tokens?.scope).toBe('mcp:read');
      const needed = await callTool('add_note', auth.stored.tokens?.access_token, resource);
      expect(needed.status).toBe(403);
      expect(challengeOf(needed)).toContain('scope="mcp:read mcp:write"');
      const asking = await TestClient.register(server, resource);
      const { accessToken } = await asking.connect({}, { scope: 'mcp:read mcp:write' });
      expect((await callTool('add_note', accessToken, resource)).status).toBe(200);
      await reading.close();
    } finally {
      await demo.stop();
      await server.stop();
    }
  });

  test('answers a token that is not active with 401 invalid_token', async () => {
    const answer = await callTool('whoami', 'nonsense');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toContain('error="invalid_token"');
    expect(challengeOf(answer)).toContain('resource_metadata="');
  });

  test('answers a tool that needs more scope with 403 insufficient_scope and the scopes to ask for', async () => {
    const { accessToken } = await client.connect({}, { scope: 'mcp:read' });
    expect((await callTool('whoami', accessToken)).status).toBe(200);
    const answer = await callTool('add_note', accessToken);
    expect(answer.status).toBe(403);
    expect(challengeOf(answer)).toContain('error="insufficient_scope"');
    expect(challengeOf(answer)).toContain('scope="mcp:read mcp:write"');
  });

  test('asks on every call: the token of a revoked connection is refused at the next one', async () => {
    const { accessToken } = await client.connect();
    expect((await callTool('whoami', accessToken)).status).toBe(200);
    await client.revoke(accessToken);
    expect((await callTool('whoami', accessToken)).status).toBe(401);
  });

  test('answers 503 and not 401 while the authorization server is away, and goes on when it is back', async () => {
    const { accessToken } = await client.connect();
    await both.server.kill();
    const away = await callTool('whoami', accessToken);
    await both.server.restart();
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
    expect((await callTool('whoami', accessToken)).status).toBe(200);
  });
});
