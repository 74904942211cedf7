/** The OAuth endpoints that this server answers itself: introspection and UserInfo. */
import type Router from '@koa/router';
import { clientCredentials } from '../http/clientCredentials.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { readForm } from '../http/form.js';
import type { OauthContext } from './context.js';
import { introspect } from './introspection.js';
import { userinfo } from './userinfo.js';

export function oauthEndpoints(oauth: OauthContext, router: Router<HttpState>): void {
  router.post('/introspect', async (ctx) => {
    const form = await readForm(ctx);
    const presented = clientCredentials(ctx.get('Authorization'), form);
    const server = presented && oauth.resourceServers.authenticate(presented.clientId, presented.secret);
    if (!server) throw notAuthenticated(oauth.config.issuer);
    ctx.body = await introspect(oauth, server, presentedToken(form));
  });

  router.get('/userinfo', (ctx) => answerUserinfo(oauth, ctx));
  router.post('/userinfo', (ctx) => answerUserinfo(oauth, ctx));
}

async function answerUserinfo(oauth: OauthContext, ctx: HttpContext): Promise<void> {
  ctx.body = await userinfo(oauth, ctx.get('Authorization'));
}

function presentedToken(form: URLSearchParams): string {
  const token = form.get('token');
  if (token) return token;
  throw new HttpError(400, 'invalid_request', 'The parameter token is missing (RFC 7662 §2.1).');
}

const notAuthenticated = (realm: string) =>
  new HttpError(401, 'invalid_client', 'Authenticate as a resource server that this server knows.', {
    headers: { 'WWW-Authenticate': `Basic realm="${realm}"` },
  });
