/** The error page, in plain words and with a reference id that stands in the log; clients get JSON (RFC 6749 §5.2). */
import type { Middleware } from 'koa';
import type { HttpContext, HttpState } from '../http/context.js';
import { HttpError, visibleError } from '../http/errors.js';
import { refusalOf } from '../http/refusal.js';
import { pageFor, signedIn } from './browserSession.js';
import type { Page } from './pageData.js';
import type { Render } from './render.js';
import type { Site } from './site.js';
import type { ErrorData } from './viewData.js';

const HEADINGS: Readonly<Record<number, string>> = {
  400: 'This request cannot be handled',
  401: 'Please sign in',
  403: 'This is not allowed',
  404: 'This page does not exist',
  409: 'This cannot be done now',
  413: 'Too much was sent',
  415: 'This format is not understood',
  429: 'Too many attempts',
  503: 'Please try again in a moment',
};

const headingOf = ({ status }: HttpError): string => HEADINGS[status] ?? 'Something went wrong';

/** Whether the request wants a page: browsers say so, programs read JSON. */
const wantsPage = (ctx: HttpContext): boolean => ctx.accepts('json', 'html') === 'html';

function showJson(ctx: HttpContext, error: HttpError): void {
  ctx.status = error.status;
  ctx.set({ ...error.options.headers });
  ctx.body = { error: error.code, error_description: error.message };
}

/**
 * Fills the answer with the error page, or for a program with JSON.
 * @param around `page`: what is around it; without, a card alone. `onward`: a way on that the person may take.
 */
export function showErrorPage(
  ctx: HttpContext,
  render: Render,
  error: HttpError,
  around: { readonly page?: Page | undefined; readonly onward?: ErrorData['onward'] } = {},
): void {
  if (!wantsPage(ctx)) {
    showJson(ctx, error);
    return;
  }
  const heading = headingOf(error);
  ctx.status = error.status;
  ctx.set({ ...error.options.headers });
  ctx.type = 'html';
  ctx.body = render('error', {
    page: around.page ?? { title: heading, csrfToken: '' },
    heading,
    message: error.message,
    whatToDo: error.options.whatToDo ?? 'Go back and try again.',
    reference: ctx.state.requestId,
    onward: around.onward,
  });
}

/** Whoever is signed in has the menus here too, and so a way on; a store that just failed is not asked for them. */
async function signedInPage(site: Site, ctx: HttpContext, error: HttpError): Promise<Page | undefined> {
  if (error.status >= 500) return undefined;
  try {
    return (await signedIn(site, ctx)) && (await pageFor(site, ctx, headingOf(error)));
  } catch {
    return undefined;
  }
}

/**
 * Turns whatever is thrown below into an answer.
 * @param forClients whether a path is an endpoint for clients, which read JSON, rather than a page for people
 */
export function errorAnswers(site: Site, forClients: (path: string) => boolean): Middleware<HttpState> {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null)
        throw new HttpError(404, 'not_found', 'There is nothing at this address.', { whatToDo: 'Check the address.' });
    } catch (thrown) {
      const error = visibleError(thrown);
      if (error.status >= 500) ctx.state.cause = thrown;
      else ctx.state.refusal = refusalOf(error);
      ctx.set('Cache-Control', 'no-store');
      if (forClients(ctx.path) || !wantsPage(ctx)) showJson(ctx, error);
      else showErrorPage(ctx, site.render, error, { page: await signedInPage(site, ctx, error) });
    }
  };
}
