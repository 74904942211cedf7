/** Requests that a client posts to the token and revocation endpoints: its parameters, and who it is (RFC 6749 §2.3, §3.2). */
import { authenticateOnce, clientAuthentication, clientCredentials } from '../http/clientCredentials.js';
import type { Posted } from '../http/clientEndpoint.js';
import { HttpError } from '../http/errors.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { authenticatedByKey, presentedAssertion } from './clientKeys/clientAssertion.js';
import type { OauthContext } from './context.js';
import type { FindTokenClient, TokenClient } from './tokenClient.js';
import { wrongSecret } from './wrongSecret.js';

/** A request whose client has authenticated. */
export interface ClientRequest {
  readonly client: TokenClient;
  /** The secret that it authenticated with, as it was sent; undefined for a public client, and for one that signs. */
  readonly secret: string | undefined;
  /** The address that it came from. */
  readonly ip: string;
  /** What was sent with a value; several values only of `resource`. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

/** As the actor of an audit event. */
export const actorOf = ({ client, ip }: ClientRequest): Actor => ({ kind: 'client', clientId: client.clientId, ip });

/** What may come several times; several are always refused, but with the error of RFC 8707. */
export const REPEATABLE = ['resource'];

/**
 * Authenticates the client of a request.
 * @throws HttpError 401 `invalid_client` for a client that is unknown or not who it says it is, 400 when it says so
 *   twice, 429 where wrong secrets are limited, 503 when its keys cannot be had
 */
export async function clientRequest(
  oauth: OauthContext,
  find: FindTokenClient,
  posted: Posted,
): Promise<ClientRequest> {
  const { form, ip } = posted;
  const authorization = clientAuthentication(posted.authorization);
  const assertion = presentedAssertion(form);
  if (assertion && (authorization !== '' || form.get('client_secret'))) throw authenticateOnce();
  const presented = clientCredentials(authorization, form);
  const named = authorization === '' ? form.get('client_id') || assertion?.subject : undefined;
  const clientId = presented?.clientId ?? named;
  const client = clientId ? await find(clientId) : undefined;
  const refusal = () => unknownClient(clientId, authorization, oauth.config.issuer);
  if (client && assertion) {
    const authenticated = await authenticatedByKey(oauth, find, client, assertion, ip);
    return { client: authenticated, secret: undefined, ip, parameters: parametersIn(form) };
  }
  // One that is forgotten, or has no secret, tries out none: nothing is counted, so that it hears at once to register again.
  if (!client || client.isPublic !== (presented === undefined)) throw refusal();
  if (presented && !client.secretIsRight(presented.secret))
    throw await wrongSecret(oauth, { clientId: client.clientId, known: true, ip }, refusal());
  return { client, secret: presented?.secret, ip, parameters: parametersIn(form) };
}

function unknownClient(clientId: string | undefined, authorization: string, realm: string): HttpError {
  const problem = clientId
    ? 'This client is unknown here, or did not authenticate as it registered to'
    : 'Say which client you are, with client_id or HTTP Basic';
  return new HttpError(401, 'invalid_client', `${problem} (RFC 6749, section 2.3).`, {
    // Whoever did not try a header is not asked for one: in a web client the browser would ask the person.
    headers: authorization === '' ? {} : { 'WWW-Authenticate': `Basic realm="${realm}"` },
  });
}

/** A parameter without a value counts as left out (RFC 6749 §3.2). */
function parametersIn(form: URLSearchParams): ClientRequest['parameters'] {
  const parameters = new Map<string, string | string[]>();
  for (const [name, value] of form) {
    if (value === '') continue;
    const before = parameters.get(name);
    if (Array.isArray(before)) before.push(value);
    else parameters.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(parameters);
}
