/** Aliases of the issuer: a request that came to one is handled as if it came to the issuer, which answers by the alias's name. */
import type { IncomingMessage, RequestListener } from 'node:http';

/** What is served at a path of an alias. */
export interface AliasedPath {
  /** The path at the issuer, which is handled in its place. */
  readonly path: string;
  /** The alias, as clients compare it. */
  readonly issuer: string;
}

const asked = new WeakMap<IncomingMessage, string>();

/** The alias that a request came to, as clients compare it; undefined for the issuer itself. */
export const aliasAsked = (req: IncomingMessage): string | undefined => asked.get(req);

/**
 * Brings requests at aliases to the issuer's own paths, before anything else reads them: limits, methods, CORS, log and
 * answers are those of the issuer, declared once.
 * @param paths by the path at the alias
 * @param handler what handles the request then
 */
export function atIssuer(paths: ReadonlyMap<string, AliasedPath>, handler: RequestListener): RequestListener {
  if (paths.size === 0) return handler;
  return (req, res) => {
    const { url = '' } = req;
    const query = url.indexOf('?');
    const aliased = paths.get(query < 0 ? url : url.slice(0, query));
    if (aliased) {
      asked.set(req, aliased.issuer);
      req.url = aliased.path + (query < 0 ? '' : url.slice(query));
    }
    return handler(req, res);
  };
}
