/** Searching and paging MCP Connections: what the address of the page says, and the addresses of other pages. */
import type { ConnectionFilter } from '../connections/connectionsOf.js';
import type { HttpContext } from '../http/context.js';
import type { ListPlace } from '../stores/durable.js';
import { addressWith, placeOf, placeText, queryText } from './listPlace.js';

export interface ConnectionSearch {
  readonly filter: ConnectionFilter;
  readonly after: ListPlace | undefined;
}

/** What is searched for, and from where on; anything odd in the address counts as not said. */
export function searchOf({ query }: HttpContext): ConnectionSearch {
  const filter = {
    organizationId: queryText(query, 'organization'),
    clientId: queryText(query, 'client'),
    text: queryText(query, 'text'),
  };
  return { filter, after: placeOf(query.after, 'number') };
}

/**
 * The address of a page of the listing.
 * @param list the address of the listing
 * @param after where the page before ended; undefined for the first page
 */
export const searchAddress = (list: string, filter: ConnectionFilter, after: ListPlace | undefined): string =>
  addressWith(list, {
    organization: filter.organizationId,
    client: filter.clientId,
    text: filter.text,
    after: after && placeText(after),
  });
