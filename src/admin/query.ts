/** The query of a request to the Admin API: each parameter once. */
import { UnfitRequestError } from './problems.js';

/**
 * @param querystring without the question mark
 * @throws UnfitRequestError for a parameter that comes twice
 */
export function queryOf(querystring: string): Record<string, string> {
  const parameters = [...new URLSearchParams(querystring)];
  const twice = parameters.find(([name], n) => parameters.findIndex(([other]) => other === name) !== n);
  if (twice)
    throw new UnfitRequestError([{ pointer: twice[0].slice(0, 50), detail: 'This parameter must not be sent twice.' }]);
  return Object.fromEntries(parameters);
}
