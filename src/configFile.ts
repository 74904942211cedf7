/**
 * The configuration file: resources, resource servers, pre-registered clients and limits; read once at start. From the
 * descriptions `npm run docs:configuration` writes docs/configuration.md.
 */
import { z } from 'zod';
import { UpstreamSection } from './accounts/upstream/settings.js';
import { canonicalResource } from './canonicalResource.js';
import { ClientPolicy } from './configFile/clientPolicy.js';
import { AdminClient, ResourceServer } from './configFile/confidentialClients.js';
import { Limits } from './configFile/limits.js';
import { indicator, Resource } from './configFile/resources.js';

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
    clientPolicy: ClientPolicy,
    issuerAliases: z
      .array(z.string())
      .default([])
      .describe(
        'Further addresses of the origin of `ISSUER` (another path, or none) that clients know this server by, spelled as those clients compare them. Each has metadata of its own, with that `issuer` and its endpoints below it, and authorization responses carry the `iss` that the client began with; tokens name `ISSUER` alone. Needed where an MCP server names the issuer without its path.',
      ),
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
    limits: Limits,
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
        const path = ['resourceServers', i, 'exchangeFor', j];
        const names = Array.isArray(entry.scopes) ? entry.scopes : Object.keys(entry.scopes);
        if (!target || !names.every((scope) => Object.hasOwn(target.scopes, scope)))
          ctx.addIssue({
            code: 'custom',
            path,
            message: 'must name one of "resources" and scopes that are described there',
          });
        const own = server.resources.map((one) => canonicalResource(one));
        const served = file.resources.filter(({ indicator }) => own.includes(canonicalResource(indicator)));
        const needs = Array.isArray(entry.scopes) ? [] : Object.values(entry.scopes).flat();
        for (const scope of needs)
          if (!served.some(({ scopes }) => Object.hasOwn(scopes, scope)))
            ctx.addIssue({
              code: 'custom',
              path: [...path, 'scopes'],
              message: `"${scope}" is no scope of the server's own "resources"`,
            });
      });
    });
    const configured = [...file.resourceServers, ...file.adminClients].map((client) => client.clientId);
    const ids = configured.concat(file.clients.map((c) => c.client_id));
    if (new Set(ids).size < ids.length)
      ctx.addIssue({ code: 'custom', path: ['resourceServers'], message: 'a client id is used twice' });
  });
export type ConfigFile = z.infer<typeof ConfigFile>;
