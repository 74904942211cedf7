/** Requests that a client posts to the token and revocation endpoints: its parameters, and who it is (RFC 6749 §2.3, §3.2). */
import { clientCredentials } from '../http/clientCredentials.js';
import type { HttpContext } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { readForm } from '../http/form.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { FindTokenClient, TokenClient } from './tokenClient.js';

/** A request whose client has authenticated. */
export interface ClientRequest {
  readonly client: TokenClient;
  /** The address that it came from. */
  readonly ip: string;
  /** What was sent with a value; several values only of `resource`. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

/** As the actor of an audit event. */
export const actorOf = ({ client, ip }: ClientRequest): Actor => ({ kind: 'client', clientId: client.clientId, ip });

/**
 * Reads a request and authenticates its client.
 * @throws HttpError 400, 413 or 415 for what cannot be read, 401 `invalid_client` for a client that is unknown or not
 *   who it says it is, 429 where wrong secrets are limited
 */
export async function clientRequest(find: FindTokenClient, ctx: HttpContext): Promise<ClientRequest> {
  const form = await readForm(ctx, ['resource']);
  const { ip } = ctx.state;
  return { client: await authenticated(find, ctx.get('Authorization'), form, ip), ip, parameters: parametersIn(form) };
}

async function authenticated(find: FindTokenClient, authorization: string, form: URLSearchParams, ip: string) {
  const presented = clientCredentials(authorization, form);
  const clientId = presented?.clientId ?? (authorization === '' ? form.get('client_id') : null);
  const client = clientId ? await find(clientId) : undefined;
  const right =
    client && (presented ? !client.isPublic && (await client.secretIsRight(presented.secret, ip)) : client.isPublic);
  if (client && right) return client;
  const problem = clientId
    ? 'This client is unknown here, or did not authenticate as it registered to'
    : 'Say which client you are';
  throw new HttpError(401, 'invalid_client', `${problem} (RFC 6749 §2.3).`, {
    // Whoever did not try a header is not asked for one: in a web client the browser would ask the person.
    headers: authorization === '' ? {} : { 'WWW-Authenticate': 'Basic' },
  });
}

/** A parameter without a value counts as left out (RFC 6749 §3.2). */
function parametersIn(form: URLSearchParams): ClientRequest['parameters'] {
  const names = [...new Set(form.keys())];
  const values = names.map((name) => [name, form.getAll(name).filter((value) => value !== '')] as const);
  return Object.fromEntries(
    values.flatMap(([name, all]) => (all[0] === undefined ? [] : [[name, all.length === 1 ? all[0] : all]])),
  );
}
