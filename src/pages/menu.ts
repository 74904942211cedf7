/** What the two menus of a signed-in page show, and which organization is the current one. */
import type { HttpContext } from '../http/context.js';
import { type MemberOrganization, organizationsOf } from '../organizations/organizationsOf.js';
import { mayAdminister } from '../organizations/roles.js';
import type { Account } from '../stores/records/account.js';
import { attributes, cookieName } from './cookies.js';
import type { Menu } from './pageData.js';
import type { Site } from './site.js';

const YEAR_MS = 365 * 86_400_000;

/** The menus of a page: read anew for each, since a membership may have ended meanwhile. */
export async function menuFor(site: Site, ctx: HttpContext, account: Account): Promise<Menu> {
  const { basePath, billingUrl, supportUrl } = site.config;
  const organizations = await organizationsOf(site.stores.durable, account.id);
  const current = currentOrganization(site, ctx, organizations);
  return {
    organizations: organizations.map(({ id, name, personal }) => ({ id, name, personal, current: id === current?.id })),
    currentName: current?.name ?? account.name,
    settings: current && mayAdminister(current.member) ? `${basePath}/organizations/${current.id}/settings` : undefined,
    returnTo: ctx.method === 'GET' ? ctx.path : `${basePath}/account/connections`,
    billingUrl,
    supportUrl,
  };
}

/** The organization of the page itself, else the one that was chosen last in this browser, else the personal one. */
function currentOrganization(
  site: Site,
  ctx: HttpContext,
  organizations: readonly MemberOrganization[],
): MemberOrganization | undefined {
  const ofPage = organizationOfPath(site, ctx.path);
  const chosen = ctx.cookies.get(cookieName(site, 'organization'), { signed: true });
  const found = organizations.find(({ id }) => id === ofPage) ?? organizations.find(({ id }) => id === chosen);
  if (found && found.id === ofPage && found.id !== chosen) chooseOrganization(site, ctx, found.id);
  return found ?? organizations.find(({ personal }) => personal) ?? organizations[0];
}

/** The organization that a page below `/organizations/:id` is about. */
export function organizationOfPath(site: Site, path: string): string | undefined {
  const below = path.slice(site.config.basePath.length);
  return /^\/organizations\/([^/]+)\/./.exec(below)?.[1];
}

/** Remembers an organization as the current one of this browser; whether one is a member is asked at each page. */
export function chooseOrganization(site: Site, ctx: HttpContext, organizationId: string): void {
  ctx.cookies.set(cookieName(site, 'organization'), organizationId, { ...attributes(site), maxAge: YEAR_MS });
}
