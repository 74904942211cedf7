/** Every kind of problem of the Admin API, and which one an error becomes (RFC 9457). */
import { HttpError, visibleError } from '../http/errors.js';
import { type Refusal, refusalOf } from '../http/refusal.js';
import { DirectoryError, type DirectoryErrorCode } from '../organizations/directoryError.js';
import type { Problem } from './schemas/problem.js';

interface Kind {
  readonly status: number;
  readonly title: string;
}

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request does not fit the description of this API' },
  unauthorized: { status: 401, title: 'An access token for this API is needed' },
  forbidden: { status: 403, title: 'This is never allowed' },
  'not-found': { status: 404, title: 'There is nothing like this' },
  'method-not-allowed': { status: 405, title: 'This method does nothing here' },
  conflict: { status: 409, title: 'This does not go together with what is stored' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has to be JSON' },
  'too-many-requests': { status: 429, title: 'This was tried too often' },
  'server-error': { status: 500, title: 'Something went wrong on this server' },
  'store-unavailable': { status: 503, title: 'A store does not answer at the moment' },
} as const satisfies Readonly<Record<string, Kind>>;
export type ProblemCode = keyof typeof PROBLEMS;

/** A request that does not fit its schema; says where. */
export class UnfitRequestError extends Error {
  override readonly name = 'UnfitRequestError';
  constructor(readonly places: readonly { readonly pointer: string; readonly detail: string }[]) {
    super(places.map(({ pointer, detail }) => `${pointer === '' ? 'The body' : pointer}: ${detail}`).join(' '));
  }
}

const OF_THE_DIRECTORY: Readonly<Record<DirectoryErrorCode, ProblemCode>> = {
  'not-found': 'not-found',
  conflict: 'conflict',
  invalid: 'invalid-request',
  forbidden: 'forbidden',
};

const COUNTED_AS: Partial<Readonly<Record<ProblemCode, Refusal>>> = {
  'invalid-request': 'invalid_request',
  unauthorized: 'invalid_token',
  forbidden: 'forbidden',
  'not-found': 'not_found',
  conflict: 'conflict',
};

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** The reason by which it is counted. */
  readonly refusal: Refusal;
}

/**
 * What is answered for an error.
 * @param thrown whatever was thrown
 * @param base the address of the Admin API
 * @param requestId the request's id in the log
 */
export function problemFor(thrown: unknown, base: string, requestId: string): ProblemAnswer {
  const { code, detail, headers = {}, errors } = described(thrown);
  const { status, title } = PROBLEMS[code];
  const type = `${base}/problems/${code}`;
  const refusal = COUNTED_AS[code] ?? refusalOf(thrown);
  const instance = `urn:uuid:${requestId}`;
  return { problem: { type, title, status, detail, instance, code, ...(errors && { errors }) }, headers, refusal };
}

interface Described {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly errors?: { pointer: string; detail: string }[];
}

function described(thrown: unknown): Described {
  if (thrown instanceof UnfitRequestError)
    return { code: 'invalid-request', detail: thrown.message, errors: [...thrown.places] };
  if (thrown instanceof DirectoryError) return { code: OF_THE_DIRECTORY[thrown.code], detail: thrown.message };
  const { status, message, options } = visibleError(thrown);
  const { whatToDo, headers } = options;
  const code = codeOf(status);
  const detail = whatToDo === undefined || message.includes(whatToDo) ? message : `${message} ${whatToDo}`;
  return { code, detail, headers };
}

/** Each status belongs to one kind. */
function codeOf(status: number): ProblemCode {
  const found = Object.entries(PROBLEMS).find(([, kind]) => kind.status === status);
  return (found?.[0] ?? 'server-error') as ProblemCode;
}

/** A refusal of a request as a whole, e.g. for its method. */
export const refused = (code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}): HttpError =>
  new HttpError(PROBLEMS[code].status, code, detail, { headers });
