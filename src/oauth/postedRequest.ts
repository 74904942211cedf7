/** An authorization request that is posted (OpenID Connect Core §3.1.2.1) is the same as one in the query. */
import type { HttpContext } from '../http/context.js';
import { readFormText } from '../http/form.js';

/**
 * Makes a posted request one in the query: what follows knows one form alone.
 * @throws HttpError 400, 413 or 415 for a body that cannot be read
 */
export async function putInQuery(ctx: HttpContext): Promise<void> {
  ctx.querystring = new URLSearchParams(await readFormText(ctx)).toString();
  ctx.method = 'GET';
}
