/**
 * The introspection endpoint, in front of everything else: APIs ask at every call, so it decides what this server costs.
 * It reads the request itself and answers from what `introspect` says.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientCredentials } from '../http/clientCredentials.js';
import { HttpError, visibleError } from '../http/errors.js';
import { formOf, MAX_BODY } from '../http/form.js';
import { secretHash } from '../ids.js';
import { AnswerCache } from './answerCache.js';
import type { OauthContext } from './context.js';
import { introspect } from './introspection.js';
import type { AuthenticatedResourceServer } from './resourceServers.js';

export type IntrospectionEndpoint = (req: IncomingMessage, res: ServerResponse) => void;

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** Handles `POST /introspect` (RFC 7662); every answer is JSON and is never cached by anybody else. */
export function createIntrospectionEndpoint(oauth: OauthContext): IntrospectionEndpoint {
  let cached = { keys: oauth.signer.keys, answers: new AnswerCache() };
  /** A signed token is good only as long as its key is, which the store's revision says nothing of. */
  const answersNow = (): AnswerCache => {
    const { keys } = oauth.signer;
    if (cached.keys !== keys) cached = { keys, answers: new AnswerCache() };
    return cached.answers;
  };
  const authenticated = createAuthentication(oauth);

  async function answered(req: IncomingMessage, body: Buffer): Promise<Buffer> {
    if (!FORM.test(req.headers['content-type'] ?? ''))
      throw new HttpError(415, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
    const form = formOf(body);
    const server = authenticated(req.headers.authorization ?? '', form);
    const token = form.get('token');
    if (!token) throw new HttpError(400, 'invalid_request', 'The parameter token is missing (RFC 7662 §2.1).');
    // Read before the answer is: a change in between then makes the kept answer one of an older revision.
    const answers = answersNow();
    const revision = oauth.stores.revision();
    const kept = answers.at(revision, server, token);
    return kept ?? answers.keep(revision, server, token, await introspect(oauth, server, token));
  }

  return (req, res) => {
    const chunks: Buffer[] = [];
    let bytes = Number(req.headers['content-length'] ?? 0);
    if (bytes > MAX_BODY) return refuseBody(oauth, req, res);
    bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY) chunks.push(chunk);
      else refuseBody(oauth, req.off('data', take), res);
    };
    req.on('data', take);
    req.on('end', () => {
      if (bytes > MAX_BODY) return;
      oauth.stores.beginRequest();
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      answered(req, body).then(
        (json) => send(res, 200, json),
        (error: unknown) => refuse(oauth, res, error),
      );
    });
  };
}

/** Answers without reading the rest, and closes the connection on which it would come. */
function refuseBody(oauth: OauthContext, req: IncomingMessage, res: ServerResponse): void {
  req.pause();
  const headers = { Connection: 'close' };
  refuse(
    oauth,
    res,
    new HttpError(413, 'invalid_request', `The body must have at most ${MAX_BODY} bytes.`, { headers }),
  );
}

function send(res: ServerResponse, status: number, json: Buffer, headers: Record<string, string> = {}): void {
  res.writeHead(status, { ...HEADERS, ...headers, 'Content-Length': json.length }).end(json);
}

function refuse(oauth: OauthContext, res: ServerResponse, thrown: unknown): void {
  const error = visibleError(thrown);
  if (error.status >= 500) oauth.log.error({ err: thrown, path: '/introspect' }, 'request failed');
  const json = JSON.stringify({ error: error.code, error_description: error.message });
  send(res, error.status, Buffer.from(json), error.options.headers);
}

/**
 * Authentication that looks at each Authorization header once: the configuration it depends on does not change while
 * the server runs. Only right credentials are remembered, so there are never more than are configured.
 */
function createAuthentication(oauth: OauthContext) {
  const right = new Map<string, AuthenticatedResourceServer>();
  return (authorization: string, form: URLSearchParams): AuthenticatedResourceServer => {
    // By its hash, so that nothing is compared with a secret in clear.
    const header = secretHash(authorization);
    const known = form.has('client_secret') || form.has('client_id') ? undefined : right.get(header);
    if (known) return known;
    const presented = clientCredentials(authorization, form);
    const server = presented && oauth.resourceServers.authenticate(presented.clientId, presented.secret);
    if (!server)
      throw new HttpError(401, 'invalid_client', 'Authenticate as a resource server that this server knows.', {
        headers: { 'WWW-Authenticate': `Basic realm="${oauth.config.issuer}"` },
      });
    if (authorization !== '' && right.size < MOST_HEADERS) right.set(header, server);
    return server;
  };
}

/** Base64 can be written in a few ways; this is far more than all of them for all configured secrets. */
const MOST_HEADERS = 1_000;
