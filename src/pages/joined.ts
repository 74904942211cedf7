/** What a new member reads after accepting an invitation: that it worked, and how to connect a client. */
import type { HttpContext } from '../http/context.js';
import { seeOther } from '../http/seeOther.js';
import { memberOf } from '../organizations/findOrganization.js';
import { mayAdminister } from '../organizations/roles.js';
import { organizations } from '../stores/records/organization.js';
import { cardFor, personOrSignIn } from './browserSession.js';
import { queryText } from './listPlace.js';
import { forgottenPassword } from './signInPage.js';
import type { Site } from './site.js';

/** Shows the page of the organization in the query; to who is no member of it, MCP Connections. */
export async function showJoined(site: Site, ctx: HttpContext): Promise<void> {
  const person = await personOrSignIn(site, ctx);
  if (!person) return;
  const { durable } = site.stores;
  const id = queryText(ctx.query, 'organization');
  const [organization, member] = await Promise.all([
    durable.get(organizations, id),
    memberOf(durable, id, person.account.id),
  ]);
  if (!organization || !member) return seeOther(ctx, `${site.config.basePath}/account/connections`);
  ctx.body = site.render('joined', {
    page: await cardFor(site, ctx, `Welcome to ${organization.name}`),
    organization: organization.name,
    mcpAccess: organization.mcpAccess,
    settings: mayAdminister(member) ? `${site.config.basePath}/organizations/${id}/settings` : undefined,
    newPassword: (person.account.passwordHash ?? person.account.upstreamIssuer) ? undefined : forgottenPassword(site),
    resourceUrl: site.oauth.resources.fallback.indicator,
  });
}
