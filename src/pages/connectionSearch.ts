/** Searching and paging MCP Connections: what the address of the page says, and the addresses of other pages. */
import type { ConnectionFilter } from '../connections/connectionsOf.js';
import type { HttpContext } from '../http/context.js';
import type { ListPlace } from '../stores/durable.js';

export interface ConnectionSearch {
  readonly filter: ConnectionFilter;
  readonly after: ListPlace | undefined;
}

const PLACE = /^(\d{1,15})\.([\w-]{1,100})$/;

/** What is searched for, and from where on; anything odd in the address counts as not said. */
export function searchOf(ctx: HttpContext): ConnectionSearch {
  const said = (name: string): string | undefined => {
    const value = ctx.query[name];
    return (typeof value === 'string' && value.trim().slice(0, 2_000)) || undefined;
  };
  const [, createdAt, id] = PLACE.exec(said('after') ?? '') ?? [];
  return {
    filter: { organizationId: said('organization'), clientId: said('client'), text: said('text') },
    after: id === undefined ? undefined : { values: [Number(createdAt)], id },
  };
}

/**
 * The address of a page of the listing.
 * @param list the address of the listing
 * @param after where the page before ended; undefined for the first page
 */
export function searchAddress(list: string, filter: ConnectionFilter, after: ListPlace | undefined): string {
  const { organizationId: organization, clientId: client, text } = filter;
  const place = after && `${after.values.join('.')}.${after.id}`;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ organization, client, text, after: place }))
    if (value) parameters.set(name, value);
  return parameters.size === 0 ? list : `${list}?${parameters}`;
}
