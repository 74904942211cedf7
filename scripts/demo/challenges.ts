/** The refusals of the demo MCP server (RFC 6750 §3, RFC 9728 §5.1). */
import type { ServerResponse } from 'node:http';

/**
 * Answers with a JSON body.
 * @param response the response to end
 * @param status the status code
 * @param body what to send
 * @param headers further headers
 */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
};

/**
 * The value of a `WWW-Authenticate: Bearer` header.
 * @param parameters its parameters in order; the values here never hold a quote
 */
export const bearerChallenge = (parameters: Record<string, string>): string =>
  `Bearer ${Object.entries(parameters)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;

/**
 * Where RFC 9728 §3.1 puts the metadata of a resource: between its host and its path.
 * @param resource the resource's URL
 */
export const resourceMetadataUrl = (resource: string): URL => {
  const url = new URL(resource);
  return new URL(`/.well-known/oauth-protected-resource${url.pathname === '/' ? '' : url.pathname}`, url);
};
