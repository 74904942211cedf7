/** The AI SDK's MCP client (@ai-sdk/mcp), run for real on the demo MCP server. */
import { auth as authorize, createMCPClient, type MCPClient, type OAuthClientProvider } from '@ai-sdk/mcp';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { removeConnection } from '../support/account.js';
import { type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { Person, signInAndConsent } from '../support/person.js';

type Tokens = Awaited<ReturnType<OAuthClientProvider['tokens']>>;
type Client = Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;

/** Keeps everything in memory, as a host keeps it on disk. */
class AiSdkAuth implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:8767/callback';
  readonly clientMetadata = { client_name: 'AI SDK host', redirect_uris: [this.redirectUrl] };
  readonly opened: URL[] = [];
  stored: { client?: Client; tokens?: Tokens } = {};
  #verifier = '';

  tokens(): Tokens {
    return this.stored.tokens;
  }
  saveTokens(tokens: Tokens): void {
    this.stored.tokens = tokens;
  }
  clientInformation(): Client {
    return this.stored.client;
  }
  saveClientInformation(client: Client): void {
    this.stored.client = client;
  }
  redirectToAuthorization(url: URL): void {
    this.opened.push(url);
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier'): void {
    if (scope === 'all' || scope === 'client') delete this.stored.client;
    if (scope === 'all' || scope === 'tokens') delete this.stored.tokens;
  }
}

/** Connects as a host does: a person answers what it opens, and it connects again. */
async function connect(resource: string, authProvider: AiSdkAuth): Promise<MCPClient> {
  const opened = authProvider.opened.length;
  const once = () => createMCPClient({ transport: { type: 'http', url: resource, authProvider } });
  try {
    return await once();
  } catch (error) {
    const url = authProvider.opened.at(-1);
    if (!url || authProvider.opened.length === opened) throw error;
    const { searchParams } = await signInAndConsent(url);
    await authorize(authProvider, {
      serverUrl: new URL(resource),
      authorizationCode: searchParams.get('code') ?? '',
      callbackIssuer: searchParams.get('iss') ?? '',
    });
    return once();
  }
}

/** The id of the connection under which the demo's tool is called. */
async function connectionOf(client: MCPClient): Promise<string> {
  const { whoami } = await client.tools();
  const answer = await whoami?.execute?.({}, { toolCallId: 'call', messages: [], context: {} });
  return /con_[\w-]+/.exec(JSON.stringify(answer))?.[0] ?? JSON.stringify(answer);
}

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('The real AI SDK, on an issuer %s', (_where, issuerPath) => {
  let both: ServerWithDemo;
  beforeAll(async () => {
    both = await startServerWithDemo({ issuerPath });
  });
  afterAll(() => both?.stop());

  test('connects, refreshes, and connects again after a removal', async () => {
    const auth = new AiSdkAuth();
    const client = await connect(both.resource, auth);
    const connection = await connectionOf(client);
    expect(connection).toMatch(/^con_/);
    expect(auth.opened[0]?.searchParams.get('resource')).toBe(both.resource);

    await both.server.advance(61 * 60_000);
    expect(await connectionOf(client)).toBe(connection);
    expect(auth.opened).toHaveLength(1);
    await client.close();

    const person = new Person();
    await person.signIn(await person.open(both.server.url('/login')));
    await removeConnection(both.server, person, connection);
    const again = await connect(both.resource, auth);
    expect(await connectionOf(again)).not.toBe(connection);
    expect(auth.opened).toHaveLength(2);
    await again.close();
  });

  test('MCP access off, used, and on again: its tokens are kept, and the connection goes on', async () => {
    const auth = new AiSdkAuth();
    const client = await connect(both.resource, auth);
    const connection = await connectionOf(client);
    const { tokens } = auth.stored;
    await directory(both.server, 'mcp-access', 'off', 'Acme Robotics');
    try {
      await expect(connectionOf(client)).rejects.toThrow();
      expect(auth.stored.tokens).toEqual(tokens);
    } finally {
      await directory(both.server, 'mcp-access', 'on', 'Acme Robotics');
    }
    expect(await connectionOf(client)).toBe(connection);
    await both.server.advance(61 * 60_000);
    expect(await connectionOf(client)).toBe(connection);
    await client.close();
  });
});
