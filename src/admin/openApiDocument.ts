/** The OpenAPI 3.1 document of the Admin API, written from the same descriptions that requests are checked with. */
import { z } from 'zod';
import type { Operation } from './operation.js';
import { PROBLEMS, type ProblemCode } from './problems.js';
import { namedSchemas } from './schemas/named.js';
import { Problem } from './schemas/problem.js';

type Json = Record<string, unknown>;

const uri = (id: string): string => `#/components/schemas/${id}`;

/** What every operation can be refused with. */
const ALWAYS: readonly ProblemCode[] = [
  'invalid-request',
  'unauthorized',
  'too-many-requests',
  'server-error',
  'store-unavailable',
];
const WITH_BODY: readonly ProblemCode[] = ['body-too-large', 'unsupported-media-type'];

/**
 * The document.
 * @param issuer the server's issuer; every address in it begins there
 * @param operations what the API can do
 */
export function openApiDocument(issuer: string, operations: readonly Operation[]): Json {
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
    servers: [{ url: `${issuer}/admin/v1` }],
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
            clientCredentials: { tokenUrl: `${issuer}/token`, scopes: { admin: 'Everything that this API can do' } },
          },
        },
      },
    },
  };
}

function described({
  id,
  tag,
  summary,
  description,
  params,
  query,
  body,
  answer: done,
  creates,
  problems,
}: Operation): Json {
  const codes = [...ALWAYS, ...(body ? WITH_BODY : []), ...problems];
  const ok = done
    ? [[200, answer('Done', done)], ...(creates ? [[201, answer('Made', done)]] : [])]
    : [[204, answer('Removed')]];
  const refused = codes.map((code) => [PROBLEMS[code].status, problemAnswer(code)]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    parameters: [...parameters('path', params), ...parameters('query', query)],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: reference(body) } } } }),
    responses: Object.fromEntries([...ok, ...refused]),
  };
}

const answer = (description: string, schema?: z.ZodType, type = 'application/json'): Json => ({
  description,
  ...(schema && { content: { [type]: { schema: reference(schema) } } }),
});

const problemAnswer = (code: ProblemCode): Json => answer(PROBLEMS[code].title, Problem, 'application/problem+json');

function reference(schema: z.ZodType): Json {
  const id = namedSchemas.get(schema)?.id;
  if (id === undefined) throw new Error('A body of the Admin API has no name; give it one with named().');
  return { $ref: uri(id) };
}

function parameters(place: 'path' | 'query', schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: place,
      ...(required.includes(name) && { required: true }),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
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
