/** What the address of a sign-in page says: where to go afterwards, and how recently somebody must have authenticated. */
import type { Config } from '../config.js';
import type { HttpContext } from '../http/context.js';
import { localPath } from './localPath.js';

export interface SignInQuery {
  readonly returnTo: string | undefined;
  readonly again: boolean;
  /** Milliseconds, UTC; 0: whenever. */
  readonly since: number;
}

type Said = { readonly [Field in keyof SignInQuery]?: SignInQuery[Field] | undefined };

/** Reads it; what cannot be meant counts as not said. Whether somebody signed in recently enough is decided elsewhere. */
export function signInQuery(config: Config, ctx: HttpContext): SignInQuery {
  const value = (name: string): string => {
    const found = ctx.query[name];
    return typeof found === 'string' ? found : '';
  };
  const since = /^\d{1,15}$/.test(value('since')) ? Number(value('since')) : 0;
  return { returnTo: localPath(config, value('return_to')), again: value('again') === '1', since };
}

/**
 * The address of the sign-in page.
 * @param query what it is to say
 */
export const signInAddress = ({ basePath }: Config, query: Said): string =>
  `${basePath}/login${signInQueryText(query)}`;

/** The query with its question mark; empty when it says nothing. */
export function signInQueryText({ returnTo, again, since }: Said): string {
  const query = new URLSearchParams({
    ...(again && { again: '1' }),
    ...(since && { since: String(since) }),
    ...(returnTo !== undefined && { return_to: returnTo }),
  });
  return query.size > 0 ? `?${query}` : '';
}
