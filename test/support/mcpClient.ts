/** A host of the MCP TypeScript SDK: what it stores, and how its person answers when it opens a browser. */

import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { notingStream } from './mcpStream.js';
import { type Choices, signInAndConsent } from './person.js';

/** Keeps everything in memory, as a host keeps it on disk. */
export class MemoryAuth implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:8766/callback';
  readonly clientMetadata = { client_name: 'SDK test host', redirect_uris: [this.redirectUrl] };
  /** The scopes that the host asks for the next time, whatever the SDK found. */
  narrowedTo: string | undefined;
  /** The authorization URLs that the host was asked to open in a browser. */
  readonly opened: URL[] = [];
  stored: { client?: OAuthClientInformationMixed; tokens?: OAuthTokens } = {};
  #verifier = '';

  state(): string {
    return 'state-of-the-test-host';
  }
  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.stored.client;
  }
  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.stored.client = client;
  }
  tokens(): OAuthTokens | undefined {
    return this.stored.tokens;
  }
  saveTokens(tokens: OAuthTokens): void {
    this.stored.tokens = tokens;
  }
  redirectToAuthorization(url: URL): void {
    if (this.narrowedTo !== undefined) url.searchParams.set('scope', this.narrowedTo);
    this.narrowedTo = undefined;
    this.opened.push(url);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'client') delete this.stored.client;
    if (scope === 'all' || scope === 'tokens') delete this.stored.tokens;
  }
}

/**
 * Connects as a host does: when the server answers 401, its person signs in and consents, and it connects again.
 * @param resource the MCP server's URL
 * @param auth what the host has stored
 * @param choices who signs in and what they choose
 */
export const connectMcp = async (resource: string, auth: MemoryAuth, choices: Choices = {}): Promise<Client> => {
  const connectOnce = async (): Promise<Client> => {
    const { fetch, answered } = notingStream(resource);
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: auth, fetch });
    const client = new Client({ name: 'sdk-test-host', version: '1.0.0' });
    try {
      // The SDK's accessors are typed with `| undefined`, which exactOptionalPropertyTypes tells apart from optional.
      await client.connect(transport as Transport);
      await answered;
      return client;
    } catch (error) {
      const url = auth.opened.at(-1);
      if (!(error instanceof UnauthorizedError) || !url) throw error;
      const redirect = await signInAndConsent(url, choices);
      await transport.finishAuth(redirect.searchParams.get('code') ?? `none: ${redirect}`);
      return connectOnce();
    }
  };
  return connectOnce();
};

/** What the demo MCP server's tool "whoami" answers. */
export interface WhoAmI {
  account: string;
  organization: { id: string; name: string };
  roles: { role: string }[];
  connection: string;
}

/** Asks the demo MCP server on whose behalf the client acts. */
export const whoAmI = async (client: Client): Promise<WhoAmI> => {
  const result = await client.callTool({ name: 'whoami' });
  return result.structuredContent as WhoAmI;
};
