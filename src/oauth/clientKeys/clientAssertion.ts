/**
 * Clients that authenticate by a signed assertion: `private_key_jwt` (RFC 7523 §2.2 and §3, draft-ietf-oauth-rfc7523bis,
 * OpenID Connect Core §9).
 */
import { compactVerify, decodeJwt, decodeProtectedHeader, errors } from 'jose';
import { z } from 'zod';
import { HttpError } from '../../http/errors.js';
import { random } from '../../ids.js';
import { isOwnIssuer } from '../../issuer.js';
import { volatileKind } from '../../stores/volatile.js';
import type { OauthContext } from '../context.js';
import type { FindTokenClient, TokenClient } from '../tokenClient.js';
import { wrongSecret } from '../wrongSecret.js';
import { ASSERTION_ALGS, type AssertionAlg, imported, keysFor, type PublicJwk } from './keySet.js';
import { type KeySetAddress, KeysUnavailableError } from './keySets.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/**
 * The types that say what an assertion is for: of draft-ietf-oauth-rfc7523bis, and the one that
 * draft-ietf-oauth-client-id-metadata-document-03 recommends instead. Older clients write `JWT` or nothing.
 */
const OWN_TYPES: readonly (string | undefined)[] = ['client-authentication+jwt', 'oauth-client-auth+jwt'];
const UNTYPED: readonly (string | undefined)[] = [undefined, 'jwt'];

/** An assertion may be valid for so long at most, in seconds: until then its `jti` is remembered. */
const LONGEST_SECONDS = 3_600;
/** How far the client's clock may be off, in seconds. */
const SKEW_SECONDS = 60;
/** So many keys are tried at most for a signature whose header names none. */
const MOST_TRIED = 8;
/** Enough for no two requests to be taken for one. */
const USE_BYTES = 12;

/** Assertions that were used, under their client and `jti`: by which request. */
const usedAssertions = volatileKind('client-assertion', z.string());

const Header = z.looseObject({
  alg: z.string(),
  typ: z.string().optional(),
  kid: z.string().optional(),
  crit: z.never().optional(),
});

const Claims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  jti: z.string().min(1),
  nbf: z.number().optional(),
  iat: z.number().optional(),
});

export interface PresentedAssertion {
  readonly text: string;
  /** What it says of itself, nothing of it verified; undefined when it cannot be read. */
  readonly read: { readonly header: z.infer<typeof Header>; readonly claims: z.infer<typeof Claims> } | undefined;
  /** The client that it says it is of. */
  readonly subject: string | undefined;
  /** Names the request that it came with: one that is tried again, because a store was away, is not another use. */
  readonly use: string;
}

const presented = new WeakMap<URLSearchParams, PresentedAssertion>();

/**
 * The assertion of a request.
 * @param form the same object for each attempt of one request
 * @returns undefined when there is none
 * @throws HttpError 400 when there is half of one, 401 for one of another type
 */
export function presentedAssertion(form: URLSearchParams): PresentedAssertion | undefined {
  const type = form.get('client_assertion_type') || undefined;
  const text = form.get('client_assertion') || undefined;
  if (type === undefined && text === undefined) return undefined;
  if (type === undefined || text === undefined)
    throw new HttpError(
      400,
      'invalid_request',
      'Send client_assertion and client_assertion_type together (RFC 7521, section 4.2).',
    );
  if (type !== ASSERTION_TYPE) throw refused(`client_assertion_type must be ${ASSERTION_TYPE}`);
  const before = presented.get(form);
  if (before) return before;
  const read = readAssertion(text);
  const assertion = { text, read, subject: read?.claims.sub, use: random(USE_BYTES).toString('base64url') };
  presented.set(form, assertion);
  return assertion;
}

function readAssertion(text: string): PresentedAssertion['read'] {
  try {
    const header = Header.safeParse(decodeProtectedHeader(text));
    const claims = Claims.safeParse(decodeJwt(text));
    return header.success && claims.success ? { header: header.data, claims: claims.data } : undefined;
  } catch {
    return undefined;
  }
}

const refused = (problem: string): HttpError =>
  new HttpError(401, 'invalid_client', `The client did not authenticate: ${problem} (RFC 7523, section 3).`);

/**
 * Demands that a client made an assertion for this server, now, and for the first time. What is refused uses nothing up,
 * and is never taken for a request without authentication.
 * @param find finds the client again, when its metadata document has other keys now
 * @param ip the address that the request came from
 * @returns the client as it is when it has authenticated
 * @throws HttpError 401 `invalid_client`, 429 after too many that are wrong, 503 when the client's keys cannot be had
 */
export async function authenticatedByKey(
  oauth: OauthContext,
  find: FindTokenClient,
  client: TokenClient,
  assertion: PresentedAssertion,
  ip: string,
): Promise<TokenClient> {
  const wrong = (problem: string): Promise<HttpError> =>
    wrongSecret(oauth, { clientId: client.clientId, known: true, ip, problem }, refused(problem));
  const problem = claimsProblem(oauth, client.clientId, assertion.read);
  if (problem !== undefined || !assertion.read) throw await wrong(problem ?? 'the assertion cannot be read');
  const { header, claims } = assertion.read;
  let signer = (await isSigned(oauth, client, assertion, ip)) ? client : undefined;
  // The document may have other keys by now, or name another address of them.
  if (!signer && (await oauth.documents.again(client.clientId, ip))) {
    const changed = await find(client.clientId);
    if (changed && (await isSigned(oauth, changed, assertion, ip))) signer = changed;
  }
  // A client without keys tries out none, as one without a secret does.
  if (!signer && !client.keys) throw refused('it has no keys here; it must register the method private_key_jwt first');
  if (!signer)
    throw await wrong(`none of its keys verifies the assertion${header.kid === undefined ? '' : ', or has its kid'}`);
  if (!(await isFirstUse(oauth, client.clientId, claims, assertion.use)))
    throw await wrong('an assertion with this jti was used before; make a new one for each request');
  return signer;
}

/** Of all requests to all servers one gets true, each time it asks. */
async function isFirstUse(
  { stores: { volatile } }: OauthContext,
  clientId: string,
  { jti, exp }: z.infer<typeof Claims>,
  use: string,
): Promise<boolean> {
  const name = `${clientId}\n${jti}`;
  if (await volatile.add(usedAssertions, name, use, Math.ceil(exp * 1_000))) return true;
  return (await volatile.get(usedAssertions, name)) === use;
}

/** What is wrong with an assertion before its signature is looked at. */
function claimsProblem(
  { config }: Pick<OauthContext, 'config'>,
  clientId: string,
  read: PresentedAssertion['read'],
): string | undefined {
  if (!read)
    return 'the assertion must be a signed JWT with alg in its header, no crit, and the claims iss, sub, aud, exp and jti';
  const { header, claims } = read;
  const typ = header.typ?.toLowerCase();
  const untyped = UNTYPED.includes(typ);
  const now = Date.now() / 1_000;
  if (!ASSERTION_ALGS.some((alg) => alg === header.alg)) return `alg must be one of ${ASSERTION_ALGS.join(', ')}`;
  if (!untyped && !OWN_TYPES.includes(typ)) return `typ must be ${OWN_TYPES[0]}, JWT, or left out`;
  if (claims.sub !== clientId || claims.iss !== clientId) return 'iss and sub must be the client_id';
  const [audience, ...others] = [claims.aud].flat();
  const tokenEndpoint = untyped && config.file.clientPolicy.tokenEndpointAudience;
  const isOurs =
    isOwnIssuer(config, audience) ||
    (tokenEndpoint && config.issuers.some(({ baseUrl }) => audience === `${baseUrl}/token`));
  if (!isOurs || others.length > 0) return `aud must be the issuer ${config.issuer} and nothing else`;
  if (claims.exp <= now) return 'exp is in the past';
  if (claims.exp > now + LONGEST_SECONDS + SKEW_SECONDS) return 'exp must be within the next hour';
  if ((claims.nbf ?? 0) > now + SKEW_SECONDS) return 'nbf is in the future';
  if ((claims.iat ?? 0) > now + SKEW_SECONDS) return 'iat is in the future';
  return undefined;
}

/** Whether one of the client's keys made the signature; keys at an address are fetched again where none did. */
async function isSigned(
  oauth: OauthContext,
  { clientId, keys }: TokenClient,
  { text, read }: PresentedAssertion,
  ip: string,
): Promise<boolean> {
  const alg = keys?.algs.find((one) => one === read?.header.alg);
  if (!keys || !alg) return false;
  const verifies = (set: readonly PublicJwk[]): Promise<boolean> => isVerified(text, alg, read?.header.kid, set);
  if (keys.jwks) return verifies(keys.jwks);
  const address = addressOf(oauth, clientId, keys.uri);
  try {
    const known = await oauth.keySets.current(address, ip);
    if (await verifies(known.keys)) {
      if (!known.settled) await oauth.keySets.keep(address);
      return true;
    }
    const newer = await oauth.keySets.again(address, ip);
    if (!newer || !(await verifies(newer))) return false;
    await oauth.keySets.keep(address);
    return true;
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) throw error;
    oauth.log.warn({ clientId, err: error }, 'the keys of a client cannot be fetched');
    throw new HttpError(
      503,
      'temporarily_unavailable',
      'This server could not fetch the keys of the client from its jwks_uri, and has not seen them before. Try again in a minute.',
      { headers: { 'Retry-After': '30' } },
    );
  }
}

const addressOf = ({ preRegistered }: OauthContext, clientId: string, uri: string): KeySetAddress => ({
  clientId,
  uri,
  preRegistered: preRegistered.has(clientId),
});

/** Keeps the key set of a client for as long as the connection that it makes. */
export async function rememberKeys(oauth: OauthContext, { clientId, keys }: TokenClient): Promise<void> {
  if (keys?.uri !== undefined) await oauth.keySets.keep(addressOf(oauth, clientId, keys.uri));
}

async function isVerified(
  text: string,
  alg: AssertionAlg,
  kid: string | undefined,
  keys: readonly PublicJwk[],
): Promise<boolean> {
  for (const jwk of keysFor(keys, alg, kid).slice(0, MOST_TRIED)) {
    const key = imported(jwk);
    if (!key) continue;
    try {
      await compactVerify(text, key, { algorithms: [alg] });
      return true;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return false;
}
