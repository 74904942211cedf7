/** Errors of the authorization endpoint that must not be sent to the client: a local page (RFC 6749 §4.1.2.1). */
import type { HttpContext } from '../http/context.js';
import { HttpError, storeUnavailable } from '../http/errors.js';
import type { RenderOauthError } from '../oauth/providerConfiguration.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { showErrorPage } from './errorPage.js';
import type { Render } from './render.js';

const IN_WORDS: Readonly<Record<string, [message: string, whatToDo: string]>> = {
  invalid_client: [
    'The client that sent you here is not registered with this server, or its registration was removed.',
    'Remove the connection in your MCP client and connect again, so that it registers anew.',
  ],
  invalid_redirect_uri: [
    'The client wants you to be sent to an address that it has not registered.',
    'Do not continue if you did not start this yourself. Otherwise remove the connection in your MCP client and connect again.',
  ],
};

/** How oidc-provider shows an error: as our page to people, as JSON to clients. */
export function showOauthError(render: Render): RenderOauthError {
  return (koaCtx, out, thrown) => {
    const ctx = koaCtx as unknown as HttpContext;
    const route = koaCtx.oidc?.route ?? '';
    if (thrown instanceof StoreUnavailableError) return showErrorPage(ctx, render, storeUnavailable());
    if (ctx.status >= 500) ctx.state.cause = thrown;
    if (!['authorization', 'resume'].includes(route)) {
      ctx.body = out;
      return;
    }
    const [message, whatToDo] = IN_WORDS[out.error] ?? [
      `The request of the client cannot be handled: ${out.error_description ?? out.error}.`,
      'Go back to your MCP client and connect again.',
    ];
    showErrorPage(ctx, render, new HttpError(ctx.status, out.error, message, { whatToDo }));
  };
}
