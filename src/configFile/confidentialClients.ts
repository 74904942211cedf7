/** The confidential clients that the configuration file names: resource servers and admin clients. */
import { z } from 'zod';
import { indicator, scopeToken } from './resources.js';

const ClientSecret = z
  .string()
  .min(16, 'a client secret has at least 16 characters, or is sha256:<hash>')
  .regex(
    /^(?!sha256:)|^sha256:([0-9a-f]{64}|[\w+/-]{43}=?)$/i,
    'after sha256: comes the hash of the secret, 64 hex digits or base64 of 32 bytes',
  );

const clientId = z.string().min(1).describe('The name it authenticates with.');
const clientSecrets = z
  .array(ClientSecret)
  .min(1)
  .max(2)
  .describe(
    'One secret, or two while one is replaced; in clear or as `sha256:` and the hash in hex or base64; at least 32 characters in production.',
  );

/** Who may introspect, and exchange tokens. */
export const ResourceServer = z.strictObject({
  clientId,
  clientSecrets,
  resources: z.array(indicator).min(1).describe('The indicators whose tokens it may introspect.'),
  exchangeFor: z
    .array(
      z.strictObject({
        resource: indicator,
        scopes: z.union([z.array(scopeToken).min(1), z.record(scopeToken, z.array(scopeToken).min(1))]),
      }),
    )
    .default([])
    .describe(
      'Token exchange (RFC 8693): a list of `{ "resource", "scopes" }`. For a client\'s token of one of its own `resources` the server gets a signed one for that other resource, with these scopes or fewer, for the time the client\'s token and connection have left, 300 seconds at most. With a list of `scopes`, the client\'s token must have all scopes that the person allowed it for its resource; an object says for each scope which ones the token must have instead, `{ "keys:read": ["mcp:read"] }`. A scope that both resources have must be one of the token\'s. The consent page names the scopes, and a connection gets those that its person was shown, as long as they stand here.',
    ),
});
export type ResourceServer = z.infer<typeof ResourceServer>;

/** A backend of the operator's own. */
export const AdminClient = z.strictObject({ clientId, clientSecrets });
