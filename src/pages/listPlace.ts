/** Where a page of a list goes on, as it stands in the page's address. */
import type { ListPlace } from '../stores/durable.js';

const PLACE = /^([\w-]{1,100})\.([\w-]{1,100})$/;

/**
 * A place in an address, e.g. `1795000000000.con_q1Yx…`.
 * @param place of an index with one more field than the list's key
 */
export const placeText = ({ values: [value], id }: ListPlace): string => `${value}.${id}`;

/**
 * A place that was read from an address.
 * @param kind what the index's field holds
 * @returns undefined for everything else, which counts as the beginning
 */
export function placeOf(text: unknown, kind: 'number' | 'string'): ListPlace | undefined {
  const [, value, id] = PLACE.exec(typeof text === 'string' ? text : '') ?? [];
  if (value === undefined || id === undefined) return undefined;
  if (kind === 'string') return { values: [value], id };
  return /^\d{1,15}$/.test(value) ? { values: [Number(value)], id } : undefined;
}

/**
 * An address with what is searched for.
 * @param path the page
 * @param said parameters; empty ones are left out
 */
export function addressWith(path: string, said: Readonly<Record<string, string | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(said)) if (value) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/**
 * A parameter of a page's address.
 * @returns its text without blanks around it, shortened to what anybody would search for; empty when it is not there
 */
export function queryText(query: NodeJS.Dict<string | string[]>, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value.trim().slice(0, 2_000) : '';
}
