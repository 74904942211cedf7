/** What becomes of an authorization request before anybody is asked: one resource, its scopes, an answer in the query. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { HttpContext } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { fits, TEXT_BOUNDS } from '../textBounds.js';
import { grantableScope, type Resources } from './resources.js';

/**
 * Brings a checked request into the form that is stored and consented to: `resource` in the operator's spelling (the
 * default one when none is asked, RFC 8707 §2), `scope` reduced to what can be granted, and `iss` (RFC 9207) the issuer that
 * the client began with, which the answer has to name whichever server gives it.
 * @throws `invalid_target` for several resources, `invalid_request` for a response mode other than `query`
 */
export function normaliseAuthorizationRequest(resources: Resources, ctx: KoaContextWithOIDC): void {
  const { params } = ctx.oidc;
  if (!params) return;
  if (params.response_mode !== undefined && params.response_mode !== 'query')
    throw new errors.InvalidRequest('response_mode must be query');
  const asked = params.resource ?? resources.fallback.indicator;
  const resource = typeof asked === 'string' ? resources.asked(asked) : undefined;
  if (!resource)
    throw new errors.InvalidTarget('ask for exactly one resource that this server issues tokens for (RFC 8707)');
  params.resource = resource.indicator;
  params.iss = issuerAsked(ctx);
  // Of the request as it came: the library drops `offline_access` without `prompt=consent`, and here the person is always
  // asked for consent, which is what OpenID Connect Core §11 demands.
  const { scope } = ctx.query;
  const refreshable = ctx.oidc.client?.grantTypeAllowed('refresh_token') ?? false;
  params.scope = grantableScope(resource, typeof scope === 'string' ? scope : undefined, refreshable);
}

/** The issuer that a request came to, as clients compare it. */
const issuerAsked = (ctx: KoaContextWithOIDC): string => (ctx as unknown as HttpContext).state.issuer;

/**
 * The issuer that the answer to an authorization request names (RFC 9207 §2): the one that its client began with, this server's
 * or an alias.
 * @param ctx of the request itself, or of the step after consent
 */
export function issuerOfAnswer(ctx: KoaContextWithOIDC): string {
  const { params, entities } = ctx.oidc;
  const began = entities.Interaction ? params?.iss : undefined;
  return typeof began === 'string' ? began : issuerAsked(ctx);
}

/**
 * Demands that a request says once whose it is and where it leads: with several of either nobody is sent anywhere, not
 * even with an error (RFC 6749 §4.1.2.1).
 * @param query as it came, without the question mark
 * @throws HttpError 400
 */
export function assertOneDestination(query: string): void {
  const parameters = new URLSearchParams(query);
  for (const name of ['client_id', 'redirect_uri'])
    if (parameters.getAll(name).length > 1)
      throw new HttpError(400, 'invalid_request', `The client that sent you here named several values of ${name}.`, {
        whatToDo: 'Do not continue if you did not start this yourself. Otherwise connect again from your MCP client.',
      });
}

/**
 * What is used of an authorization request, and so all that is kept of it. Others mean nothing here and are ignored
 * (RFC 6749 §3.1): `login_hint`, `ui_locales`, `display`, `claims`, `acr_values`, `id_token_hint` and whatever else.
 * `request`, `request_uri` and `registration` are there to be refused.
 */
const USED = (
  'client_id redirect_uri response_type response_mode scope state code_challenge code_challenge_method resource prompt ' +
  'nonce max_age request request_uri registration'
).split(' ');
/** Parameters of OpenID Connect alone; oidc-provider refuses them in a request without the scope `openid`. */
const OPENID_ONLY = ['nonce', 'max_age'];
/** Those that are kept as they came. */
const BOUNDED = [
  ['client_id', 'clientId'],
  ['redirect_uri', 'redirectUri'],
  ['state', 'state'],
  ['nonce', 'nonce'],
  ['max_age', 'maxAge'],
] as const;
/** Values of `prompt` that mean something here. The person always may pick another account, so `select_account` doesn't. */
const PROMPTS = ['none', 'login', 'consent'];

/** What a scope can consist of (RFC 6749 §3.3); nothing else can be one that this server knows. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The query of an authorization request without what means nothing in it: generic clients send a `nonce` along with
 * every request, some ask for prompts that this server does not have or put more than one space between scopes, and
 * unknown parameters must be ignored (RFC 6749 §3.1).
 * @param query as it came, without the question mark
 * @throws HttpError 400 for a parameter that is too long to be kept, and so could not be sent back either
 */
export function withoutIdleParameters(query: string): string {
  const parameters = new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => USED.includes(name)));
  const scopes = parameters.getAll('scope');
  if (scopes.length === 1)
    parameters.set(
      'scope',
      scopes[0]
        ?.split(/\s+/)
        .filter((scope) => SCOPE_TOKEN.test(scope))
        .join(' ') ?? '',
    );
  const openid = parameters.getAll('scope').some((scope) => scope.split(' ').includes('openid'));
  if (!openid) for (const name of OPENID_ONLY) parameters.delete(name);
  const prompts = parameters.getAll('prompt');
  // Two of them are an error that the library answers.
  if (prompts.length === 1) {
    const known = PROMPTS.filter((prompt) => prompts[0]?.split(' ').includes(prompt));
    if (known.length > 0) parameters.set('prompt', known.join(' '));
    else parameters.delete('prompt');
  }
  for (const [name, bound] of BOUNDED)
    if (!parameters.getAll(name).every((value) => fits(bound, value))) throw tooLong(name, TEXT_BOUNDS[bound].most);
  return parameters.toString();
}

const tooLong = (name: string, most: number): HttpError =>
  new HttpError(
    400,
    'invalid_request',
    `The client sent a ${name} of more than ${most.toLocaleString('en')} bytes, which is more than this server keeps.`,
    { whatToDo: 'Tell those who make the client. If you did not start this yourself, close this page.' },
  );
