/** Pages of the authorization endpoint: the way on after an answer, and errors that must not be sent to the client (RFC 6749 §4.1.2.1), or only by the person. */
import { errors } from 'oidc-provider';
import type { HttpContext } from '../http/context.js';
import { HttpError, storeUnavailable } from '../http/errors.js';
import type { AuthorizationPages } from '../oauth/authorizationAnswer.js';
import { ClientDocumentError } from '../oauth/cimd/clientDocuments.js';
import { requestIsOver } from '../oauth/consentRequest.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { cookieName } from './cookies.js';
import { showErrorPage } from './errorPage.js';
import type { Site } from './site.js';

const IN_WORDS: Readonly<Record<string, [message: string, whatToDo: string]>> = {
  invalid_client: [
    'The client that sent you here is not registered with this server, or its registration was removed.',
    'Remove the connection in your MCP client and connect again, so that it registers again.',
  ],
  invalid_redirect_uri: [
    'The client wants you to be sent to an address that it has not registered.',
    'Do not continue if you did not start this yourself. Otherwise remove the connection in your MCP client and connect again.',
  ],
};

function inWords(code: string, description: string): readonly [message: string, whatToDo: string] {
  // What was registered once is looked at each time; the rules may have changed since.
  if (description.startsWith('redirect_uris '))
    return [
      `What the client registered is not accepted here any more: its ${description}.`,
      'Remove the connection in your MCP client and connect again. If that does not help, tell the operator of this server.',
    ];
  return (
    IN_WORDS[code] ?? [
      `The request of the client cannot be handled: ${description}.`,
      'Go back to your MCP client and connect again.',
    ]
  );
}

/** Tells a person who comes back to a request that they have answered it. */
export function showAnswered({ render }: Pick<Site, 'render'>, ctx: HttpContext): void {
  ctx.status = 200;
  ctx.type = 'html';
  ctx.body = render('answered', { page: { title: 'You have answered', csrfToken: '' } });
}

/** How the authorization endpoint shows errors, as our pages to people and as JSON to clients, and leads people on. */
export function authorizationPages(site: Pick<Site, 'config' | 'render'>): AuthorizationPages {
  const { render } = site;
  return {
    showAnswered: (ctx) => showAnswered(site, ctx),
    sessionId: (ctx) => ctx.cookies.get(cookieName(site, 'session'), { signed: true }),
    showError: (koaCtx, out, thrown) => {
      const ctx = koaCtx as unknown as HttpContext;
      const route = koaCtx.oidc?.route ?? '';
      if (thrown instanceof StoreUnavailableError) return showErrorPage(ctx, render, storeUnavailable());
      if (thrown instanceof HttpError) return showErrorPage(ctx, render, thrown);
      if (thrown instanceof errors.SessionNotFound) return showErrorPage(ctx, render, requestIsOver(ctx.method));
      if (ctx.status >= 500) ctx.state.cause = thrown;
      if (!['authorization', 'resume'].includes(route)) {
        ctx.body = out;
        return;
      }
      const { cause } = thrown;
      if (cause instanceof ClientDocumentError) {
        ctx.state.detail = cause.cause instanceof Error ? cause.cause.message : undefined;
        const { message, whatToDo } = cause;
        return showErrorPage(ctx, render, new HttpError(ctx.status, out.error, message, { whatToDo }));
      }
      const [message, whatToDo] = inWords(out.error, out.error_description ?? out.error);
      showErrorPage(ctx, render, new HttpError(ctx.status, out.error, message, { whatToDo }));
    },
    offerTheWay: (ctx, { code, description, target, href }) => {
      const message = `This client's request cannot be handled: ${description}. No access was given.`;
      const whatToDo = `Close this page if you did not start this yourself. If you did, you can tell the client at ${target} what went wrong, and connect again from there.`;
      showErrorPage(ctx, render, new HttpError(400, code, message, { whatToDo }), { onward: { href, target } });
    },
    leadOn: (ctx, { client, href }) => {
      // A browser applies `form-action` to each redirect behind a form, those of the client's callback too. A page of
      // ours ends the form, and what follows from it is a navigation of its own (HTML, "shared declarative refresh steps").
      ctx.status = 200;
      ctx.set('Refresh', `0; url=${href}`);
      ctx.type = 'html';
      ctx.body = render('leadingOn', { page: { title: `Back to ${client}`, csrfToken: '' }, client, href });
    },
  };
}
