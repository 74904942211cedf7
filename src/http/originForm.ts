/** Request targets: everything behind this reads the origin form, a path with its query (RFC 9112 §3.2). */
import type { RequestListener } from 'node:http';

const HOST_FORM = /^https?:\/\/[^/?#\s]+/i;

/**
 * Brings the absolute form, which every server must accept, into the origin form; any other form is a bad request.
 * @param handler what handles the request then
 */
export function inOriginForm(handler: RequestListener): RequestListener {
  return (req, res) => {
    if (req.url?.startsWith('/')) return handler(req, res);
    const target = (req.url ?? '').replace(HOST_FORM, '');
    req.url = target.startsWith('?') || target === '' ? `/${target}` : target;
    if (req.url.startsWith('/')) return handler(req, res);
    res.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' });
    res.end(JSON.stringify({ error: 'invalid_request', error_description: 'The request target must be a path.' }));
  };
}
