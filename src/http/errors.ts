/** Errors on their way out: OAuth errors as JSON (RFC 6749 §5.2), pages in plain words for people. */
import type { Middleware } from 'koa';
import type { Render } from '../pages/render.js';
import { StoreUnavailableError } from '../stores/stores.js';
import type { HttpContext, HttpState } from './context.js';

/** A request that is refused: a status, an OAuth error code, and words for a person. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    /** The OAuth error code, for clients. */
    readonly code: string,
    message: string,
    readonly options: { readonly whatToDo?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
  }
}

const HEADINGS: Readonly<Record<number, string>> = {
  400: 'This request cannot be handled',
  401: 'Please sign in',
  403: 'This is not allowed',
  404: 'This page does not exist',
  413: 'Too much was sent',
  415: 'This format is not understood',
  503: 'Please try again in a moment',
};

const unavailable = () =>
  new HttpError(503, 'temporarily_unavailable', 'A part of this service does not answer at the moment.', {
    whatToDo: 'Wait a few seconds and try again.',
    headers: { 'Retry-After': '5' },
  });

const unexpected = () =>
  new HttpError(500, 'server_error', 'Something went wrong on this server.', {
    whatToDo: 'Try again; if it happens again, tell the operator the reference below.',
  });

/** What is shown of an error: the error itself when it was meant to be seen, nothing of it otherwise. */
export function visibleError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  return error instanceof StoreUnavailableError ? unavailable() : unexpected();
}

/** Answers with an error page that carries the reference id of the log. */
export function answerWithErrorPage(ctx: HttpContext, render: Render, error: HttpError): void {
  ctx.type = 'html';
  ctx.body = render('error', {
    page: { title: HEADINGS[error.status] ?? 'Something went wrong', csrfToken: '' },
    heading: HEADINGS[error.status] ?? 'Something went wrong',
    message: error.message,
    whatToDo: error.options.whatToDo ?? 'Go back and try again.',
    reference: ctx.state.requestId,
  });
}

/**
 * Turns whatever is thrown below into an answer.
 * @param isPage whether the path is for people (a page) rather than for clients (JSON)
 */
export function errorAnswers(render: Render, isPage: (path: string) => boolean): Middleware<HttpState> {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined)
        throw new HttpError(404, 'not_found', 'There is nothing at this address.', { whatToDo: 'Check the address.' });
    } catch (thrown) {
      const error = visibleError(thrown);
      if (error.status >= 500) ctx.state.cause = thrown;
      ctx.status = error.status;
      ctx.set('Cache-Control', 'no-store');
      for (const [name, value] of Object.entries(error.options.headers ?? {})) ctx.set(name, value);
      if (isPage(ctx.path) && ctx.accepts('json', 'html') === 'html') answerWithErrorPage(ctx, render, error);
      else ctx.body = { error: error.code, error_description: error.message };
    }
  };
}
