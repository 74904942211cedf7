/** The consent page: which client, what it may do, in which organization, until when. */
import { hash } from 'node:crypto';
import type { SignedIn } from '../accounts/sessions.js';
import { expiresOneMonthAfter } from '../connections/expiresOneMonthAfter.js';
import type { HttpContext } from '../http/context.js';
import { rememberShown } from '../oauth/clientLifetime.js';
import { type Offer, type Offers, offerIn, offersOf } from '../oauth/consentOffer.js';
import type { ConsentRequest } from '../oauth/consentRequest.js';
import { organizationsForMcp } from '../organizations/mayUseMcp.js';
import type { Stored } from '../stores/collection.js';
import type { Organization } from '../stores/records/organization.js';
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
  const [organizations, offers] = await Promise.all([
    organizationsForMcp(durable, person.account.id),
    offersOf(site.oauth, request, person.account.id),
  ]);
  await rememberShown(durable, site.oauth.limits, client.id, person.account.id);
  const action = `${site.config.basePath}/interaction/${encodeURIComponent(request.uid)}`;
  ctx.body = site.render('consent', {
    page: await cardFor(site, ctx, `Connect ${client.name}`),
    action,
    switchAccountAction: `${action}/switch-account`,
    client,
    redirect: { host: destination.host, local: destination.local },
    resource: { name: resource.name, indicator: resource.indicator },
    ...abilitiesToShow(offers, organizations),
    shown: shownIn(request, offers),
    expiresAt: new Date(expiresOneMonthAfter(Date.now())).toISOString(),
    emptyReason: NO_ORGANIZATION,
    error,
  });
}

/**
 * What the page says that the client will be able to do: once where it is the same in every organization, else what it
 * asks for, and beside each organization where it is connected what holds there.
 */
function abilitiesToShow(offers: Offers, organizations: readonly Stored<Organization>[]) {
  const choices = organizations.map(({ id, name, personal }) => ({ id, name, personal }));
  const [first, ...others] = organizations.map(({ id }) => offerIn(offers, id).abilities);
  const alike = others.every((abilities) => JSON.stringify(abilities) === JSON.stringify(first));
  if (alike) return { scopes: first ?? offers.asked.abilities, organizations: choices };
  const connected = (id: string) => offers.connected.get(id)?.abilities;
  return {
    scopes: offers.asked.abilities,
    organizations: choices.map((one) => ({ ...one, connected: connected(one.id) })),
  };
}

/**
 * Stands for everything that the page says of a request. The form sends it back, so that nobody allows something else
 * than was shown: the client's document, its connections or the configuration of the server can change while the page is
 * open. A connection made or removed meanwhile matters only where it changes what would be granted, not what is marked new.
 */
export function shownIn(request: ConsentRequest, { asked, connected }: Offers): string {
  const { client, destination, resource } = request;
  const allowed = ({ abilities }: Offer) => abilities.map(({ scope, description }) => [scope, description]).toSorted();
  const all = JSON.stringify(allowed(asked));
  const more = [...connected]
    .map(([id, offer]) => [id, JSON.stringify(allowed(offer))])
    .filter(([, own]) => own !== all)
    .toSorted();
  const said = [client, destination.host, resource.name, resource.indicator, all, more];
  return hash('sha256', JSON.stringify(said), 'base64url');
}
