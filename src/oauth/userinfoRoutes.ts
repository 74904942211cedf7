/** UserInfo, which this server answers itself: the library refuses tokens that are for a resource. */
import type Router from '@koa/router';
import type { HttpContext, HttpState } from '../http/context.js';
import type { OauthContext } from './context.js';
import { userinfo } from './userinfo.js';

/** GET and POST (OpenID Connect Core §5.3.1), with the token in the Authorization header. */
export function userinfoRoutes(oauth: OauthContext, router: Router<HttpState>): void {
  const answer = async (ctx: HttpContext): Promise<void> => {
    ctx.body = await userinfo(oauth, ctx.get('Authorization'));
  };
  router.get('/userinfo', answer);
  router.post('/userinfo', answer);
}
