/** Which clients there may be, in the configuration file. */
import { z } from 'zod';
import { RedirectSchemes } from './redirectSchemes.js';

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
      'Hosts (with their port) whose documents and key sets (`jwks_uri`) may come from a private network; those of all others must come from the public internet.',
    ),
  checkHost: z.hostname().exactOptional().meta({
    description:
      'A host that the start and `--check` ask for its first page over https, to say whether this server gets out to hosts of documents, e.g. `claude.ai`.',
    whenUnset: 'none is asked',
  }),
  fetchesPerMinute: z
    .strictObject({ perHost: z.int().positive().default(60), inAll: z.int().positive().default(600) })
    .prefault({})
    .describe('Documents and key sets fetched by one server, failed tries counted.'),
});

/** Which clients there may be besides pre-registered ones. */
export const ClientPolicy = z
  .strictObject({
    dynamicRegistration: z.boolean().default(true).describe('Whether clients may register themselves (RFC 7591).'),
    redirectSchemes: RedirectSchemes,
    tokenEndpointAudience: z
      .boolean()
      .default(false)
      .describe(
        'Whether assertions of clients that sign (`private_key_jwt`) may name the address of the token endpoint as their audience in place of the issuer, as older clients do; never those of the type `client-authentication+jwt`.',
      ),
    metadataDocuments: MetadataDocuments.prefault({}).describe(
      'Clients whose `client_id` is the address of a metadata document:',
    ),
  })
  .prefault({})
  .describe('Which clients there may be:');
