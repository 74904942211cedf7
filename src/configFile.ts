/** The configuration file: resources, resource servers, pre-registered clients and limits; read once at start. */
import { z } from 'zod';
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
    indicator,
    name: z.string().min(1).max(200),
    scopes: z.record(scopeToken, z.string().min(1)),
    defaultScopes: z.array(scopeToken).min(1),
    accessTokenFormat: z.enum(['opaque', 'jwt']).default('opaque'),
    accessTokenSigningAlg: z.enum(['RS256', 'ES256']).default('RS256'),
    accessTokenTtl: seconds.max(86_400).exactOptional(),
  })
  // A JWT that is only verified offline outlives a removal by its lifetime, so that one is short.
  .transform((resource) => ({ accessTokenTtl: resource.accessTokenFormat === 'jwt' ? 600 : 3_600, ...resource }))
  .refine((resource) => resource.defaultScopes.every((scope) => Object.hasOwn(resource.scopes, scope)), {
    path: ['defaultScopes'],
    message: 'each default scope must be described under "scopes"',
  });

const ClientSecret = z
  .string()
  .min(16, 'a resource server secret has at least 16 characters, or is sha256:<hash>')
  .regex(
    /^(?!sha256:)|^sha256:([0-9a-f]{64}|[\w+/-]{43}=?)$/i,
    'after sha256: comes the hash of the secret, 64 hex digits or base64 of 32 bytes',
  );

const ResourceServer = z.strictObject({
  clientId: z.string().min(1),
  clientSecrets: z.array(ClientSecret).min(1).max(2),
  resources: z.array(indicator).min(1),
  /** The other resources for which it may trade a client's token (RFC 8693), with which scopes. */
  exchangeFor: z.array(z.strictObject({ resource: indicator, scopes: z.array(scopeToken).min(1) })).default([]),
});

const hosts = z.array(z.string().min(1));

/** Which clients may be described by a metadata document, and how often documents are fetched. */
const MetadataDocuments = z.strictObject({
  enabled: z.boolean().default(true),
  /** Only these hosts, when given; `*.example.com` means every host below it. */
  allowHosts: hosts.exactOptional(),
  denyHosts: hosts.default([]),
  /** Hosts that may be inside a private network; documents of all others must come from the public internet. */
  privateHosts: hosts.default([]),
  fetchesPerMinute: z
    .strictObject({ perHost: z.int().positive().default(60), inAll: z.int().positive().default(600) })
    .prefault({}),
});

const rate = (events: number, perSeconds: number) =>
  z.strictObject({ events: z.int().positive(), seconds }).default({ events, seconds: perSeconds });

/** How often something may be tried. Platforms that serve many people from one address must not run into these. */
const Rates = z.strictObject({
  signInPerAccountAndAddress: rate(10, 900),
  signInPerAddress: rate(300, 900),
  signInPerAccount: rate(100, 3_600),
  registrationPerAddress: rate(600, 3_600),
  registrationInAll: rate(6_000, 3_600),
  tokenPerClientAndAddress: rate(6_000, 60),
  consentPerAccount: rate(600, 3_600),
});

export const ConfigFile = z
  .strictObject({
    resources: z.array(Resource).min(1),
    defaultResource: indicator,
    resourceServers: z.array(ResourceServer).default([]),
    clients: z.array(z.looseObject({ client_id: z.string().min(1) })).default([]),
    clientPolicy: z
      .strictObject({
        dynamicRegistration: z.boolean().default(true),
        metadataDocuments: MetadataDocuments.prefault({}),
      })
      .prefault({}),
    limits: z
      .strictObject({
        /** How long a repeated refresh token gets the same response, in seconds; 0 switches the window off. */
        refreshReplayWindow: z.int().min(0).max(300).default(30),
        /** How long a sign-in session lasts, in seconds. */
        signInSession: seconds.default(14 * 86_400),
        rates: Rates.prefault({}),
      })
      .prefault({}),
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
    const ids = file.resourceServers.map((server) => server.clientId).concat(file.clients.map((c) => c.client_id));
    if (new Set(ids).size < ids.length)
      ctx.addIssue({ code: 'custom', path: ['resourceServers'], message: 'a client id is used twice' });
  });
export type ConfigFile = z.infer<typeof ConfigFile>;
export type Resource = ConfigFile['resources'][number];
export type ResourceServer = ConfigFile['resourceServers'][number];
