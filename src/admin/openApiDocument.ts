/** The OpenAPI 3.1 document of the Admin API, written from the same descriptions that requests are checked with. */
import { z } from 'zod';
import { described, type Json, uri } from './openApiOperation.js';
import type { Operation } from './operation.js';
import { namedSchemas } from './schemas/named.js';

/**
 * The document.
 * @param baseUrl every address in it begins there
 * @param operations what the API can do
 */
export function openApiDocument(baseUrl: string, operations: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const one of operations) paths[one.path] = { ...paths[one.path], [one.method]: described(one) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Admin API of the MCP authorization server',
      version: '1',
      description:
        'Accounts, organizations, members, MCP access, connections and the audit log, for the backend of the product that they belong to. A change takes effect at once: from its answer on every use of a token is judged by it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${baseUrl}/admin/v1` }],
    security: [{ adminClient: ['admin'] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: componentSchemas(operations),
      securitySchemes: {
        adminClient: {
          type: 'oauth2',
          description: 'A client of "adminClients" in the configuration file.',
          flows: {
            clientCredentials: { tokenUrl: `${baseUrl}/token`, scopes: { admin: 'Everything that this API can do' } },
          },
        },
      },
    },
  };
}

/** Bodies of requests as they are sent, those of answers as they arrive. */
function componentSchemas(operations: readonly Operation[]): Json {
  const inputs = new Set(operations.flatMap(({ body }) => (body ? [namedSchemas.get(body)?.id] : [])));
  const sent = z.toJSONSchema(namedSchemas, { uri, io: 'input' }).schemas;
  const received = z.toJSONSchema(namedSchemas, { uri, io: 'output' }).schemas;
  return Object.fromEntries(
    Object.entries(received).map(([id, output]) => {
      const { $schema: _, $id: __, ...schema } = (inputs.has(id) ? sent[id] : output) as Json;
      return [id, schema];
    }),
  );
}
