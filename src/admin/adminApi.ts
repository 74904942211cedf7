/** The Admin API, `/admin/v1`: for the operator's own backend. Everything below that path is answered here. */
import Router, { type RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { HttpContext, HttpState } from '../http/context.js';
import type { OauthContext } from '../oauth/context.js';
import { authenticated } from './authentication.js';
import { jsonBody } from './jsonBody.js';
import { openApiDocument } from './openApiDocument.js';
import type { Operation } from './operation.js';
import { operations } from './operations.js';
import { PROBLEMS, type ProblemCode, problemFor, refused } from './problems.js';
import { queryOf } from './query.js';

/** The API as a middleware; requests for other paths go on to the next. */
export function adminApi(oauth: OauthContext): Middleware<HttpState> {
  const { baseUrl, basePath } = oauth.config;
  const prefix = `${basePath}/admin/v1`;
  const base = `${baseUrl}/admin/v1`;
  const router = new Router<HttpState>({ prefix });
  descriptionRoutes(router, baseUrl);
  for (const one of operations)
    router[one.method](one.path.replaceAll(/\{(\w+)\}/g, ':$1'), (ctx) => perform(oauth, ctx, one));
  const routes = router.routes();
  return async (ctx, next) => {
    if (ctx.path !== prefix && !ctx.path.startsWith(`${prefix}/`)) return next();
    try {
      await routes(ctx as RouterContext<HttpState>, async () => {
        await authenticated(oauth, ctx);
        throw unmatched(router, ctx);
      });
    } catch (thrown) {
      const { problem, headers, refusal } = problemFor(thrown, base, ctx.state.requestId);
      if (problem.status >= 500) ctx.state.cause = thrown;
      else ctx.state.refusal = refusal;
      ctx.status = problem.status;
      ctx.set({ ...headers });
      ctx.body = JSON.stringify(problem);
      ctx.type = 'application/problem+json';
    }
  };
}

/** What describes the API and is the same on every server: readable without a token. */
function descriptionRoutes(router: Router<HttpState>, baseUrl: string): void {
  let document: string | undefined;
  router.get('/openapi.json', (ctx) => {
    // Made when it is first asked for: most servers never are, and it would be a part of each start.
    document ??= JSON.stringify(openApiDocument(baseUrl, operations));
    ctx.body = document;
    ctx.type = 'application/json';
  });
  router.get('/problems/:code', (ctx) => {
    const code = ctx.params.code ?? '';
    if (!Object.hasOwn(PROBLEMS, code)) throw refused('not-found', 'There is no kind of problem of this name.');
    const { status, title } = PROBLEMS[code as ProblemCode];
    ctx.body = `${code} (${status}): ${title}. The member "detail" of the problem says what to do.\n`;
  });
}

async function perform(oauth: OauthContext, ctx: HttpContext & { params: unknown }, one: Operation): Promise<void> {
  const actor = await authenticated(oauth, ctx);
  const { body, created } = await one.run({
    stores: oauth.stores,
    actor,
    params: ctx.params,
    query: queryOf(ctx.querystring),
    body: one.body && (await jsonBody(ctx)),
  });
  ctx.status = created ? 201 : body === undefined ? 204 : 200;
  if (body !== undefined) ctx.body = body;
}

function unmatched(router: Router<HttpState>, ctx: HttpContext): Error {
  const here = router.match(ctx.path, ctx.method).path.flatMap(({ methods }) => methods);
  if (here.length === 0)
    return refused('not-found', 'There is nothing at this path; the paths stand in /admin/v1/openapi.json.');
  const allowed = [...new Set(here)].sort().join(', ');
  return refused('method-not-allowed', `Use one of ${allowed}.`, { Allow: allowed });
}
