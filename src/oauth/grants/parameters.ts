/** The parameters of a token request, parsed once. */
import type { z } from 'zod';
import type { Resource } from '../../configFile/resources.js';
import { HttpError } from '../../http/errors.js';
import type { ClientRequest } from '../clientRequest.js';
import type { Resources } from '../resources.js';
import { invalidTarget } from './refusals.js';

/**
 * Parses the parameters of a token request.
 * @param schema its own messages say what a parameter must be
 * @throws `invalid_request` naming the first parameter that is missing or malformed
 */
export function parametersOf<T>({ parameters }: ClientRequest, schema: z.ZodType<T>): T {
  const { data, error } = schema.safeParse(parameters, {
    error: ({ input }) => (input === undefined ? 'is missing' : 'is malformed'),
  });
  if (!error) return data;
  const [first] = error.issues;
  throw new HttpError(400, 'invalid_request', `the parameter ${String(first?.path[0])} ${first?.message}`);
}

/**
 * Demands that a token request names no other resource than its authorization has (RFC 8707 §2.2).
 * @param asked the request's `resource`: absent, one value, or several, which are always refused
 * @throws `invalid_target`
 */
export function assertSameResource(
  resources: Resources,
  asked: string | string[] | undefined,
  granted: Resource,
): void {
  if (asked === undefined || asked === granted.indicator) return;
  if (Array.isArray(asked) || resources.asked(asked) !== granted)
    throw invalidTarget(`this authorization is for the resource ${granted.indicator} and no other`);
}
