/** Answers of the endpoints that Node.js hands over directly: JSON, in one piece with its head. */
import type { ServerResponse } from 'node:http';
import type { HttpError } from './errors.js';

/** Names and values of header fields, in turns. */
export type HeaderFields = readonly string[];

/** JSON that nobody keeps or takes for something else (RFC 6749 §5.1). */
export const JSON_FIELDS: HeaderFields = [
  'Content-Type',
  'application/json; charset=utf-8',
  'Cache-Control',
  'no-store',
  'X-Content-Type-Options',
  'nosniff',
];

/**
 * Sends an answer. The JSON is a string here because Node.js sends head and body in one piece then.
 * @param fields beside the length
 */
export function sendJson(res: ServerResponse, status: number, fields: HeaderFields, json: string): void {
  const head = [...fields, 'Content-Length', String(Buffer.byteLength(json))];
  res.writeHead(status, head).end(json);
}

/** What has no place in an `error_description` (RFC 6749 §5.2); it comes in with what a request says, which some descriptions quote. */
const NOT_DESCRIBING = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** The body of an error (RFC 6749 §5.2), and the fields that come with it. */
export const errorJson = ({ code, message, options }: HttpError) => ({
  json: JSON.stringify({ error: code, error_description: message.replace(NOT_DESCRIBING, '?') }),
  fields: Object.entries(options.headers ?? {}).flat(),
});
