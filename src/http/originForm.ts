/**
 * What a request says of its address, checked before anything else reads it: one host, and a target in the origin form,
 * a path with its query (RFC 9112 §3.2).
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { HeaderFields } from './answerFields.js';
import { HttpError } from './errors.js';
import { errorJson, jsonAnswer, send } from './jsonAnswer.js';

/** A name or an IP address, with a port. Names of the DNS and of container networks need nothing else. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const ABSOLUTE_FORM = /^(https?):\/\/([^/?#\s]+)/i;

/**
 * Refuses a request that names no host, several, or what cannot be one (RFC 9112 §3.2), since a proxy in front of this server
 * may have gone by another of them. Brings the absolute form of the target, which every server must accept, into the
 * origin form; any other form is a bad request.
 * @param fields of the refusal
 * @param handler what handles the request then
 */
export function inOriginForm(fields: HeaderFields, handler: RequestListener): RequestListener {
  return (req, res) => {
    const problem = hostProblem(req) ?? targetProblem(req);
    if (problem === undefined) return handler(req, res);
    const { json } = errorJson(new HttpError(400, 'invalid_request', problem));
    send(res, 400, jsonAnswer([...fields, 'Connection', 'close'], json));
  };
}

/** Several fields come as one here, joined by commas. */
function hostProblem({ headers: { host }, httpVersion }: IncomingMessage): string | undefined {
  if (host === undefined && httpVersion === '1.0') return undefined;
  return host !== undefined && HOST.test(host) ? undefined : 'The request must have one Host header with one host.';
}

function targetProblem(req: IncomingMessage): string | undefined {
  if (req.url?.startsWith('/')) return undefined;
  const [start = '', scheme = '', authority = ''] = ABSOLUTE_FORM.exec(req.url ?? '') ?? [];
  const { host = authority } = req.headers;
  if (start && (!HOST.test(authority) || withoutUsualPort(scheme, authority) !== withoutUsualPort(scheme, host)))
    return 'The request target and the Host header must name the same host.';
  const target = (req.url ?? '').slice(start.length);
  if (target !== '' && !target.startsWith('/') && !target.startsWith('?')) return 'The request target must be a path.';
  if (!start) return 'The request target must be a path.';
  req.url = target.startsWith('/') ? target : `/${target}`;
  return undefined;
}

const withoutUsualPort = (scheme: string, host: string): string =>
  host.toLowerCase().replace(scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/, '');
