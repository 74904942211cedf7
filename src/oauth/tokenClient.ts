/** Clients as the token and revocation endpoints know them: what they may do there, and which secret or keys are theirs. */
import { z } from 'zod';
import { clients } from '../stores/records/client.js';
import { type ClientKeys, clientKeysIn } from './clientKeys/keyMetadata.js';
import { authMethodOf, grantTypesOf } from './clientMetadata.js';
import { secretMatches, withHashedSecret } from './clientSecret.js';
import type { OauthContext } from './context.js';
import { CLIENT_CREDENTIALS } from './grants/clientCredentialsGrant.js';
import { TOKEN_EXCHANGE } from './grants/tokenExchangeGrant.js';

export interface TokenClient {
  readonly clientId: string;
  readonly grantTypes: readonly string[];
  readonly redirectUris: readonly string[];
  /** Comes without authenticating; one that has a secret, or keys alone, must not. */
  readonly isPublic: boolean;
  /** The keys that it may authenticate with. */
  readonly keys: ClientKeys | undefined;
  /** Whether this is its secret. */
  secretIsRight(secret: string): boolean;
}

/** Finds a client by its id: of the configuration, registered, or as its metadata document was when it was last read. */
export type FindTokenClient = (clientId: string) => Promise<TokenClient | undefined>;

/** No metadata document is fetched here: tokens are used when the client's own web server may long be down. */
export function createTokenClients(oauth: OauthContext): FindTokenClient {
  const { config, stores, resourceServers, adminClients } = oauth;
  const servers = resourceServers.exchanging.map((id) =>
    backend(id, TOKEN_EXCHANGE, (secret) => resourceServers.authenticate(id, secret) !== undefined),
  );
  const admins = adminClients.ids.map((id) =>
    backend(id, CLIENT_CREDENTIALS, (secret) => adminClients.secrets.digestOf(id, secret) !== undefined),
  );
  const registered = config.file.clients.map((client) => mcpClient(client.client_id, withHashedSecret(client)));
  const configured = new Map([...servers, ...admins, ...registered].map((client) => [client.clientId, client]));
  // By the record's metadata, which a store that keeps records gives again until they change.
  const read = new WeakMap<object, TokenClient>();
  return async (clientId) => {
    const known = configured.get(clientId);
    if (known) return known;
    const record = await stores.durable.get(clients, clientId);
    if (!record) return undefined;
    const client = read.get(record.metadata) ?? mcpClient(clientId, record.metadata);
    read.set(record.metadata, client);
    return client;
  };
}

const Metadata = z.object({
  redirect_uris: z.array(z.string()),
  client_secret: z.string().optional(),
  /** Seconds since 1970; 0 for never (RFC 7591 §3.2.1). */
  client_secret_expires_at: z.number().default(0),
});

/** What the metadata says was checked when it was registered, or at start (`configuredClients.ts`). */
function mcpClient(clientId: string, metadata: Record<string, unknown>): TokenClient {
  const { redirect_uris, client_secret, client_secret_expires_at: end } = Metadata.parse(metadata);
  const method = authMethodOf(metadata);
  return {
    clientId,
    grantTypes: grantTypesOf(metadata),
    redirectUris: redirect_uris,
    isPublic: method === 'none',
    keys: clientKeysIn(metadata, method),
    secretIsRight: (secret) => (end === 0 || end * 1_000 > Date.now()) && secretMatches(secret, client_secret),
  };
}

/** A resource server or admin client: it may use one grant and nothing else. */
const backend = (clientId: string, grantType: string, secretIsRight: TokenClient['secretIsRight']): TokenClient => ({
  clientId,
  grantTypes: [grantType],
  redirectUris: [],
  isPublic: false,
  keys: undefined,
  secretIsRight,
});
