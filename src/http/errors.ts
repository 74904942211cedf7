/** Errors on their way out: what a client or a person may see of them. */
import { TooBusyError } from '../boundedQueue.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { because } from './refusal.js';

/** The largest body that is read, in bytes. */
export const MAX_BODY = 64 * 1_024;

/** A request that is refused: a status, an OAuth error code for clients, and words for a person. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly options: { readonly whatToDo?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
  }
}

/** The answer to a body of which the rest is not read; the connection on which it would come is closed. */
export const bodyTooLarge = (): HttpError =>
  new HttpError(413, 'invalid_request', `The body must have at most ${MAX_BODY} bytes.`, {
    headers: { Connection: 'close' },
  });

/** The answer while a store is away: later, never a guess. */
export const storeUnavailable = () =>
  new HttpError(503, 'temporarily_unavailable', 'A part of this service does not answer at the moment.', {
    whatToDo: 'Wait a few seconds and try again.',
    headers: { 'Retry-After': '5' },
  });

/** The answer to what is asked of this server faster than it can do it, by other callers; it was not tried. */
const tooBusy = ({ seconds }: TooBusyError) =>
  because(
    'too-busy',
    new HttpError(429, 'temporarily_unavailable', 'Too many people sign in at the moment.', {
      whatToDo: 'Wait a few seconds and try again.',
      headers: { 'Retry-After': String(seconds) },
    }),
  );

const unexpected = () =>
  new HttpError(500, 'server_error', 'Something went wrong on this server.', {
    whatToDo: 'Try again; if it happens again, tell the operator the reference below.',
  });

/** What is shown of an error: the error itself when it was meant to be seen, nothing of it otherwise. */
export function visibleError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof TooBusyError) return tooBusy(error);
  return error instanceof StoreUnavailableError ? storeUnavailable() : unexpected();
}
