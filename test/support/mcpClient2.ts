/** A host of the MCP TypeScript SDK 2.x: what it stores, and how its person answers when it opens a browser. */
import {
  Client,
  type OAuthClientMetadata,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { notingStream } from './mcpStream.js';
import { type Choices, signInAndConsent } from './person.js';

/** Keeps everything in memory, as a host keeps it on disk. */
export class MemoryAuth2 implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:8768/callback';
  readonly clientMetadata: OAuthClientMetadata;
  declare readonly clientMetadataUrl?: string;
  /** The scopes that the host asks for the next time, whatever the SDK found. */
  narrowedTo: string | undefined;
  /** The authorization URLs that the host was asked to open in a browser. */
  readonly opened: URL[] = [];
  stored: { client?: StoredOAuthClientInformation; tokens?: StoredOAuthTokens } = {};
  #verifier = '';
  #discovered: OAuthDiscoveryState | undefined;

  /**
   * @param metadata beside name and redirect URI
   * @param clientMetadataUrl the address of its metadata document, if it has one
   */
  constructor(metadata: Partial<OAuthClientMetadata> = {}, clientMetadataUrl?: string) {
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    this.clientMetadata = { client_name: 'SDK 2 test host', redirect_uris: [this.redirectUrl], ...metadata };
  }

  state(): string {
    return 'state-of-the-second-test-host';
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.stored.client;
  }
  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.stored.client = client;
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.stored.tokens;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.stored.tokens = tokens;
  }
  redirectToAuthorization(url: URL): void {
    if (this.narrowedTo !== undefined) url.searchParams.set('scope', this.narrowedTo);
    this.narrowedTo = undefined;
    this.opened.push(url);
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovered = state;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
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

export interface Connected {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/**
 * Connects as a host does: when the server answers 401, its person signs in and consents, and it connects again.
 * @param resource the MCP server's URL
 * @param auth what the host has stored
 * @param choices who signs in and what they choose
 */
export const connectMcp2 = async (resource: string, auth: MemoryAuth2, choices: Choices = {}): Promise<Connected> => {
  const connectOnce = async (): Promise<Connected> => {
    const { fetch, answered } = notingStream(resource);
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: auth, fetch });
    const client = new Client({ name: 'sdk-2-test-host', version: '1.0.0' });
    try {
      await client.connect(transport);
      await answered;
      return { client, transport };
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await answerBrowser(transport, auth, choices);
      return connectOnce();
    }
  };
  return connectOnce();
};

/** The person goes through the browser that was opened last; the SDK checks the whole answer, `iss` included. */
export const answerBrowser = async (
  transport: StreamableHTTPClientTransport,
  auth: MemoryAuth2,
  choices: Choices = {},
): Promise<void> => {
  const url = auth.opened.at(-1);
  if (!url) throw new Error('No browser was opened.');
  await transport.finishAuth((await signInAndConsent(url, choices)).searchParams);
};
