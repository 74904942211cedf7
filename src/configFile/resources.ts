/** What tokens are for, in the configuration file. */
import { z } from 'zod';
import { canonicalResource } from '../canonicalResource.js';
import { isPlain, NOT_PLAIN } from '../plainText.js';

/** A scope's name. */
export const scopeToken = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'a scope has no spaces, quotes or backslashes (RFC 6749 §3.3)');

/** A resource indicator. */
export const indicator = z
  .string()
  .refine(
    (value) => canonicalResource(value) !== undefined,
    'must be an absolute http(s) URI without a fragment (RFC 8707 §2)',
  );

/** Clients refresh five minutes before the end of a token: one that lives for less (seconds) is refreshed at each request. */
export const CALM_TTL = 360;

/** One MCP server or other API, with its scopes and the kind of its access tokens. */
export const Resource = z
  .strictObject({
    indicator: indicator.describe(
      "The resource indicator (RFC 8707), e.g. the MCP server's URL. `aud` of a token is this spelling; case of scheme and host and a default port do not matter when clients ask for it, nor do a final slash and a query unless two resources differ by these alone.",
    ),
    name: z
      .string()
      .min(1)
      .max(200)
      .refine(isPlain, `must be without ${NOT_PLAIN}`)
      .describe('Its name on the consent page.'),
    scopes: z
      .record(scopeToken, z.string().min(1).refine(isPlain, `must be without ${NOT_PLAIN}`))
      .describe('Scope → what it lets the client do, in words for the consent page.'),
    defaultScopes: z.array(scopeToken).min(1).describe('Granted when a client asks for none that is known.'),
    hiddenScopes: z
      .array(scopeToken)
      .default([])
      .describe(
        'Scopes that work when a client asks for them and that the metadata does not advertise: Codex, Gemini CLI and mcp-remote ask for every scope of it. Leave them out of `scopes_supported` of the MCP server too.',
      ),
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
    accessTokenTtl: z
      .int()
      .positive()
      .max(86_400)
      .exactOptional()
      .meta({
        description: `Lifetime of an access token in seconds. Below ${CALM_TTL}, Claude Code, Gemini CLI and VS Code refresh before every request, several times within 10 ms; \`npm start -- --check\` warns of it.`,
        whenUnset: '3600 opaque, 600 jwt',
      }),
  })
  // A JWT that is only verified offline outlives a removal by its lifetime, so that one is short.
  .transform((resource) => ({ accessTokenTtl: resource.accessTokenFormat === 'jwt' ? 600 : 3_600, ...resource }))
  .refine((resource) => resource.defaultScopes.every((scope) => Object.hasOwn(resource.scopes, scope)), {
    path: ['defaultScopes'],
    message: 'each default scope must be described under "scopes"',
  })
  .refine((resource) => resource.hiddenScopes.every((scope) => Object.hasOwn(resource.scopes, scope)), {
    path: ['hiddenScopes'],
    message: 'each hidden scope must be described under "scopes"',
  });
export type Resource = z.infer<typeof Resource>;
