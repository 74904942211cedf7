/** One operation of the Admin API: from its description come the route, the checks of a request, and the OpenAPI document. */
import type { z } from 'zod';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Stores } from '../stores/stores.js';
import { type ProblemCode, UnfitRequestError } from './problems.js';

interface Description<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  /** Its name in generated clients, e.g. `putMember`. */
  readonly id: string;
  readonly method: 'get' | 'put' | 'delete';
  /** Below the address of the API, e.g. `/accounts/{accountId}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params: P;
  readonly query: Q;
  readonly body?: B;
  /** What is answered; without one the answer has no body (204). */
  readonly answer?: A;
  /** Whether it can make what it is about: 201, and 200 when that was there. */
  readonly creates?: boolean;
  /** What it can be refused with, beside what every operation can. */
  readonly problems: readonly ProblemCode[];
}

interface Request<P, Q, B> {
  readonly stores: Stores;
  readonly actor: Actor;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

interface Done<T> {
  readonly body: T;
  readonly created?: boolean;
}

export interface Operation extends Description<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType> {
  /**
   * Checks a request and does what it asks for.
   * @throws UnfitRequestError when it does not fit the description
   */
  run(request: Request<unknown, unknown, unknown>): Promise<Done<unknown>>;
}

/**
 * Describes an operation.
 * @param description what a request and its answers look like
 * @param perform does what a checked request asks for
 */
export function operation<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  A extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(
  description: Description<P, Q, B, A>,
  perform: (request: Request<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Done<z.output<A>>>,
): Operation {
  const { params, query, body } = description;
  return {
    ...description,
    run: async (request) =>
      perform({
        ...request,
        params: fitting(params, request.params, nameOf),
        query: fitting(query, request.query, nameOf),
        body: (body ? fitting(body, request.body, pointerOf) : undefined) as z.output<B>,
      }),
  };
}

type Path = readonly PropertyKey[];
const nameOf = (path: Path): string => path.map(String).join('.');
/** RFC 6901. */
const pointerOf = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** So many places are named at most: a body can be wrong in thousands. */
const MOST_PLACES = 20;

function fitting<T extends z.ZodType>(schema: T, input: unknown, place: (path: Path) => string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, MOST_PLACES).map((issue) => ({
    pointer: place(issue.path).slice(0, 200),
    detail: sentence(issue.message.slice(0, 500)),
  }));
  throw new UnfitRequestError(places);
}

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);
