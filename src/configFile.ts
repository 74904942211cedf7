/**
 * The configuration file: resources, resource servers, pre-registered clients and limits; read once at start. From the
 * descriptions `npm run docs:configuration` writes docs/configuration.md.
 */
import { z } from 'zod';
import { UpstreamSection } from './accounts/upstream/settings.js';
import { canonicalResource } from './canonicalResource.js';

const seconds = z.int().positive();
const scopeToken = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'a scope has no spaces, quotes or backslashes (RFC 6749 §3.3)');

const indicator = z
  .string()
  .refine(
    (value) => canonicalResource(value) !== undefined,
    'must be an absolute http(s) URI without a fragment (RFC 8707 §2)',
  );

const Resource = z
  .strictObject({
    indicator: indicator.describe(
      "The resource indicator (RFC 8707), e.g. the MCP server's URL. `aud` of a token is this spelling; case of scheme and host, a default port and the trailing slash of a bare origin do not matter when clients ask for it.",
    ),
    name: z.string().min(1).max(200).describe('Its name on the consent page.'),
    scopes: z
      .record(scopeToken, z.string().min(1))
      .describe('Scope → what it lets the client do, in words for the consent page.'),
    defaultScopes: z.array(scopeToken).min(1).describe('Granted when a client asks for none that is known.'),
    accessTokenFormat: z
      .enum(['opaque', 'jwt'])
      .default('opaque')
      .describe(
        "`opaque`: random text that the resource server introspects. `jwt`: signed (RFC 9068), for resource servers that verify by themselves; nothing is stored, introspection and revocation work as well. A server that never asks lags behind a removal by the token's lifetime at most.",
      ),
    accessTokenSigningAlg: z
      .enum(['RS256', 'ES256'])
      .default('RS256')
      .describe('For the format `jwt`; the keys are at `/jwks`.'),
    accessTokenTtl: seconds
      .max(86_400)
      .exactOptional()
      .meta({ description: 'Lifetime of an access token in seconds.', whenUnset: '3600 opaque, 600 jwt' }),
  })
  // A JWT that is only verified offline outlives a removal by its lifetime, so that one is short.
  .transform((resource) => ({ accessTokenTtl: resource.accessTokenFormat === 'jwt' ? 600 : 3_600, ...resource }))
  .refine((resource) => resource.defaultScopes.every((scope) => Object.hasOwn(resource.scopes, scope)), {
    path: ['defaultScopes'],
    message: 'each default scope must be described under "scopes"',
  });

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

const ResourceServer = z.strictObject({
  clientId,
  clientSecrets,
  resources: z.array(indicator).min(1).describe('The indicators whose tokens it may introspect.'),
  exchangeFor: z
    .array(z.strictObject({ resource: indicator, scopes: z.array(scopeToken).min(1) }))
    .default([])
    .describe(
      'Token exchange (RFC 8693): a list of `{ "resource", "scopes" }`. For a client\'s token of one of its own `resources` the server gets a signed one for that other resource, with these scopes or fewer, for the time the client\'s token and connection have left, 300 seconds at most. The consent page names the scopes.',
    ),
});

/** A backend of the operator's own. */
const AdminClient = z.strictObject({ clientId, clientSecrets });

const hosts = z.array(z.string().min(1));

/** Which clients may be described by a metadata document, and how often documents are fetched. */
const MetadataDocuments = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether there are such clients.'),
  allowHosts: hosts.exactOptional().meta({
    description:
      'When given, only these hosts; `*.example.com` is every host below example.com, another port than 443 is written with the host.',
    whenUnset: 'every host',
  }),
  denyHosts: hosts
    .default([])
    .describe(
      'Never these hosts, in the same form; without a port, on every port. Nobody authorizes their clients any more; connections that exist go on until they end or are removed.',
    ),
  privateHosts: hosts
    .default([])
    .describe(
      'Hosts (with their port) whose documents may come from a private network; those of all others must come from the public internet.',
    ),
  fetchesPerMinute: z
    .strictObject({ perHost: z.int().positive().default(60), inAll: z.int().positive().default(600) })
    .prefault({})
    .describe('Documents fetched by one server, failed tries counted.'),
});

const rate = (events: number, perSeconds: number, what: string) =>
  z.strictObject({ events: z.int().positive(), seconds }).default({ events, seconds: perSeconds }).describe(what);

/** How often something may be tried. Platforms that serve many people from one address must not run into these. */
const Rates = z.strictObject({
  signInPerAccountAndAddress: rate(
    10,
    900,
    'Passwords tried for one account from one address, right ones not counted.',
  ),
  signInPerAddress: rate(300, 900, 'Passwords tried from one address, right ones not counted.'),
  signInPerAccount: rate(
    100,
    3_600,
    'Passwords tried for one account from anywhere but browsers in which it signed in before.',
  ),
  upstreamPerAddress: rate(600, 900, 'Upstream sign-ins begun from one address, completed ones not counted.'),
  registrationPerAddress: rate(600, 3_600, 'Dynamic registrations from one address.'),
  registrationInAll: rate(6_000, 3_600, 'Dynamic registrations in all.'),
  tokenPerClientAndAddress: rate(6_000, 60, 'Token requests of one client from one address.'),
  consentPerAccount: rate(600, 3_600, 'Approvals of one account.'),
  invitationPerAccount: rate(200, 3_600, 'Invitations that one account makes or sends again.'),
  organizationPerAccount: rate(50, 3_600, 'Organizations that one account creates.'),
  passwordResetPerAccount: rate(10, 3_600, 'Links to set a password that are mailed to one address.'),
  passwordResetPerAddress: rate(60, 3_600, 'Links to set a password that are asked for from one address.'),
  adminFailuresPerAddress: rate(100, 900, 'Wrong secrets and tokens of admin clients from one address.'),
});

export const ConfigFile = z
  .strictObject({
    resources: z.array(Resource).min(1).describe('What tokens are for, at least one; each:'),
    defaultResource: indicator.describe('The indicator of the resource that is meant when a client names none.'),
    resourceServers: z.array(ResourceServer).default([]).describe('Who may introspect; each:'),
    adminClients: z
      .array(AdminClient)
      .default([])
      .describe('Backends of your own that may use the Admin API (docs/admin-api.md) and nothing else; each:'),
    clients: z
      .array(z.looseObject({ client_id: z.string().min(1) }))
      .default([])
      .describe('Pre-registered clients: RFC 7591 metadata with a `client_id`.'),
    clientPolicy: z
      .strictObject({
        dynamicRegistration: z.boolean().default(true).describe('Whether clients may register themselves (RFC 7591).'),
        metadataDocuments: MetadataDocuments.prefault({}).describe(
          'Clients whose `client_id` is the address of a metadata document:',
        ),
      })
      .prefault({})
      .describe('Which clients there may be:'),
    passwordSignIn: z
      .boolean()
      .default(true)
      .describe(
        '`false`: people sign in with the upstream and in no other way. Who is signed in with a password stays so until that session ends.',
      ),
    upstream: UpstreamSection.exactOptional().meta({
      description: 'What the variables UPSTREAM_… leave open about upstream sign-in:',
      whenUnset: 'the defaults below, when UPSTREAM_ISSUER is set',
    }),
    limits: z
      .strictObject({
        refreshReplayWindow: z
          .int()
          .min(0)
          .max(300)
          .default(30)
          .describe('For how long a repeated refresh token gets the same answer, in seconds; 0 switches it off.'),
        signInSession: seconds.default(14 * 86_400).describe('How long a sign-in lasts, in seconds.'),
        rates: Rates.prefault({}).describe(
          '`{ "events", "seconds" }`: at most so many within so long, then 429 with `Retry-After`; counted on the volatile store, so by all servers together:',
        ),
      })
      .prefault({})
      .describe('How long and how often:'),
  })
  .superRefine((file, ctx) => {
    const known = new Set(file.resources.map((resource) => canonicalResource(resource.indicator)));
    if (known.size < file.resources.length)
      ctx.addIssue({ code: 'custom', path: ['resources'], message: 'two resources have the same indicator' });
    if (!known.has(canonicalResource(file.defaultResource)))
      ctx.addIssue({
        code: 'custom',
        path: ['defaultResource'],
        message: 'must be the indicator of one of "resources"',
      });
    file.resourceServers.forEach((server, i) => {
      for (const served of server.resources)
        if (!known.has(canonicalResource(served)))
          ctx.addIssue({
            code: 'custom',
            path: ['resourceServers', i, 'resources'],
            message: `"${served}" is not the indicator of one of "resources"`,
          });
      server.exchangeFor.forEach((entry, j) => {
        const target = file.resources.find((r) => canonicalResource(r.indicator) === canonicalResource(entry.resource));
        if (!target || !entry.scopes.every((scope) => Object.hasOwn(target.scopes, scope)))
          ctx.addIssue({
            code: 'custom',
            path: ['resourceServers', i, 'exchangeFor', j],
            message: 'must name one of "resources" and scopes that are described there',
          });
      });
    });
    const configured = [...file.resourceServers, ...file.adminClients].map((client) => client.clientId);
    const ids = configured.concat(file.clients.map((c) => c.client_id));
    if (new Set(ids).size < ids.length)
      ctx.addIssue({ code: 'custom', path: ['resourceServers'], message: 'a client id is used twice' });
  });
export type ConfigFile = z.infer<typeof ConfigFile>;
export type Resource = ConfigFile['resources'][number];
export type ResourceServer = ConfigFile['resourceServers'][number];
