/** The parameters of a token request, parsed once. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { z } from 'zod';
import { canonicalResource } from '../../canonicalResource.js';
import { invalidTarget } from './refusals.js';

/**
 * Parses the parameters of a token request.
 * @throws `invalid_request` naming the first parameter that is missing or malformed
 */
export function parametersOf<T>(ctx: KoaContextWithOIDC, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse({ ...ctx.oidc.params });
  if (parsed.success) return parsed.data;
  const name = parsed.error.issues[0]?.path[0];
  throw new errors.InvalidRequest(`the parameter ${String(name)} is missing or malformed`);
}

/**
 * Demands that a token request names no other resource than its authorization has (RFC 8707 §2.2).
 * @param asked the request's `resource`: absent, one value, or several, which are always refused
 * @throws `invalid_target`
 */
export function assertSameResource(asked: string | string[] | undefined, granted: string): void {
  if (asked === undefined) return;
  if (Array.isArray(asked) || canonicalResource(asked) !== canonicalResource(granted))
    throw invalidTarget(`this authorization is for the resource ${granted} and no other`);
}
