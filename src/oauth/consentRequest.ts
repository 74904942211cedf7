/** What a client asks of a person: an authorization request that waits for an answer. */
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Resource } from '../configFile/resources.js';
import type { HttpContext } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { because } from '../http/refusal.js';
import { clients } from '../stores/records/client.js';
import { clientIdUrl } from './cimd/clientIdUrl.js';
import { exchangesToShow, stillOffered } from './connectionNow.js';
import type { OauthContext } from './context.js';
import { type RedirectDestination, redirectDestination } from './redirectUri.js';

/** An authorization request that waits for a person's answer. */
export interface ConsentRequest {
  readonly uid: string;
  readonly client: {
    readonly id: string;
    readonly name: string;
    readonly uri?: string;
    readonly verifiedHost?: string;
    /** Of the configuration file. */
    readonly preRegistered: boolean;
    /** Whether it gets refresh tokens. */
    readonly refreshable: boolean;
  };
  readonly destination: RedirectDestination;
  readonly resource: Resource;
  /** What would be granted, separated by spaces. */
  readonly scope: string;
  /** What the resource's servers could get elsewhere in exchange for tokens of this scope. */
  readonly exchanges: ReturnType<typeof exchangesToShow>;
  /** `prompt=login`: the person signs in, even where that would not be needed. */
  readonly promptsSignIn: boolean;
  /** The person must have authenticated at or after this moment (milliseconds, UTC): `prompt=login`, `max_age`. */
  readonly authenticatedSince: number;
}

const RequestParameters = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  resource: z.string(),
  scope: z.string(),
  prompt: z.string().optional(),
  max_age: z.coerce.number().optional(),
});

/** An old page that is opened is a mistake; an answer to it is one that its person may not give (again). */
export const requestIsOver = (method: string): HttpError =>
  because(
    'consent-over',
    new HttpError(
      method === 'POST' ? 403 : 400,
      method === 'POST' ? 'access_denied' : 'invalid_request',
      'This request to connect is over, or was opened in another browser.',
      { whatToDo: 'Go back to your MCP client and connect again.' },
    ),
  );

/** What the library did not find or does not accept; a store that is away is something else. */
const nothing = (error: unknown): undefined => {
  if (!(error instanceof errors.OIDCProviderError)) throw error;
};

/**
 * The request that this browser is asked about; client and redirect URI are checked again, from scratch.
 * @throws HttpError 400, or 403 for an answer, when it is over or belongs to another browser; 400 when the client changed
 */
export async function findConsentRequest(
  oauth: OauthContext,
  provider: Provider,
  ctx: HttpContext,
  uid: string,
): Promise<ConsentRequest> {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch(nothing);
  if (interaction?.uid !== uid || interaction.result) throw requestIsOver(ctx.method);
  const params = RequestParameters.parse(interaction.params);
  const client = await provider.Client.find(params.client_id).catch(nothing);
  const resource = oauth.resources.find(params.resource);
  if (!client?.redirectUriAllowed(params.redirect_uri) || !resource)
    throw new HttpError(400, 'invalid_request', 'The client changed its registration while you were being asked.', {
      whatToDo: 'Go back to your MCP client and connect again.',
    });
  const scope = stillOffered(resource, params.scope);
  if (scope === '')
    throw new HttpError(400, 'invalid_request', 'What the client asked for is not offered here any more.', {
      whatToDo: 'Go back to your MCP client and connect again.',
    });
  const startedAt = interaction.iat * 1_000;
  const promptsSignIn = params.prompt?.split(' ').includes('login') ?? false;
  const maxAge = params.max_age === undefined ? 0 : startedAt - params.max_age * 1_000;
  return {
    uid,
    client: {
      id: client.clientId,
      name: client.clientName ?? client.clientId,
      ...(client.clientUri ? { uri: client.clientUri } : {}),
      ...(oauth.documents.handles(client.clientId) ? { verifiedHost: new URL(client.clientId).host } : {}),
      preRegistered: oauth.preRegistered.has(client.clientId),
      refreshable: client.grantTypeAllowed('refresh_token'),
    },
    destination: redirectDestination(params.redirect_uri),
    resource,
    scope,
    exchanges: exchangesToShow(oauth, resource, scope),
    promptsSignIn,
    authenticatedSince: promptsSignIn ? startedAt : maxAge,
  };
}

/**
 * The client that waits behind a sign-in page, in its own words. Bound to no browser: whoever knows the address of a
 * request may read who made it. A metadata document is not fetched again for it.
 * @param uid of the request
 * @returns undefined when there is no such request, or nobody to name
 */
export async function waitingClientName(
  { stores }: OauthContext,
  provider: Provider,
  uid: string,
): Promise<string | undefined> {
  const interaction = await provider.Interaction.find(uid);
  const params = z.object({ client_id: z.string() }).safeParse(interaction?.params);
  if (!params.success) return undefined;
  const { client_id: id } = params.data;
  if (clientIdUrl(id) === undefined) return (await provider.Client.find(id).catch(nothing))?.clientName;
  const snapshot = await stores.durable.get(clients, id);
  return z.string().safeParse(snapshot?.metadata.client_name).data;
}
