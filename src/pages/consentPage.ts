/** The consent page: which client, what it may do, in which organization, until when. */
import { hash } from 'node:crypto';
import type { SignedIn } from '../accounts/sessions.js';
import { expiresOneMonthAfter } from '../connections/expiresOneMonthAfter.js';
import type { HttpContext } from '../http/context.js';
import { rememberShown } from '../oauth/clientLifetime.js';
import type { ConsentRequest } from '../oauth/consentRequest.js';
import { scopeDescription } from '../oauth/resources.js';
import { organizationsForMcp } from '../organizations/mayUseMcp.js';
import { cardFor } from './browserSession.js';
import type { Site } from './site.js';

const NO_ORGANIZATION =
  'MCP access is switched off in every organization that you belong to. An account admin of an organization can switch it on under Organization settings.';

/**
 * Shows the page, with the organizations that the person may pick now.
 * @param error why the answer before was not taken
 */
export async function showConsent(
  site: Site,
  ctx: HttpContext,
  request: ConsentRequest,
  person: SignedIn,
  error?: string,
): Promise<void> {
  const { client, destination, resource } = request;
  const { durable } = site.stores;
  const organizations = await organizationsForMcp(durable, person.account.id);
  await rememberShown(durable, site.oauth.limits, client.id, person.account.id);
  const action = `${site.config.basePath}/interaction/${encodeURIComponent(request.uid)}`;
  ctx.body = site.render('consent', {
    page: await cardFor(site, ctx, `Connect ${client.name}`),
    action,
    switchAccountAction: `${action}/switch-account`,
    client,
    redirect: { host: destination.host, local: destination.local },
    resource: { name: resource.name, indicator: resource.indicator },
    scopes: capabilities(request),
    shown: shownIn(request),
    organizations: organizations.map(({ id, name, personal }) => ({ id, name, personal })),
    expiresAt: new Date(expiresOneMonthAfter(Date.now())).toISOString(),
    emptyReason: NO_ORGANIZATION,
    error,
  });
}

/** What the client will be able to do: by its own scopes, and through what the resource's server may exchange for. */
function capabilities({ resource, scope, exchanges }: ConsentRequest): { scope: string; description: string }[] {
  const own = scope.split(' ').map((name) => ({ scope: name, description: scopeDescription(resource, name) ?? name }));
  const through = exchanges.flatMap(({ target, scopes }) =>
    scopes.map((name) => ({
      scope: name,
      description: `${scopeDescription(target, name) ?? name} (${target.name}, through ${resource.name})`,
    })),
  );
  return [...own, ...through];
}

/**
 * Stands for everything that the page says of a request. The form sends it back, so that nobody allows something else
 * than was shown: the client's document, or the configuration of the server, can change while the page is open.
 */
export function shownIn(request: ConsentRequest): string {
  const { client, destination, resource } = request;
  const said = [client, destination.host, resource.name, resource.indicator, capabilities(request)];
  return hash('sha256', JSON.stringify(said), 'base64url');
}
