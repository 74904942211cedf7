/** One operation of the Admin API as its OpenAPI document describes it. */
import { z } from 'zod';
import type { Operation } from './operation.js';
import { PROBLEMS, type ProblemCode } from './problems.js';
import { namedSchemas } from './schemas/named.js';
import { Problem } from './schemas/problem.js';

/** A part of the document. */
export type Json = Record<string, unknown>;

/** Where the document has the schema of this name. */
export const uri = (id: string): string => `#/components/schemas/${id}`;

/** What every operation can be refused with. */
const ALWAYS: readonly ProblemCode[] = [
  'invalid-request',
  'unauthorized',
  'too-many-requests',
  'server-error',
  'store-unavailable',
];
const WITH_BODY: readonly ProblemCode[] = ['body-too-large', 'unsupported-media-type'];

/** Describes parameters, body and every answer, refusals included. */
export function described({
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
