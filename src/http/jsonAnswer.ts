/** Answers of the endpoints that Node.js hands over directly: JSON, in one piece with its head. */
import type { ServerResponse } from 'node:http';
import type { HeaderFields } from './answerFields.js';
import type { HttpError } from './errors.js';

const JSON_TYPE = ['Content-Type', 'application/json; charset=utf-8'];

/** An answer as it is sent, as often as one likes. */
export interface JsonAnswer {
  /** Names and values of all header fields, in turns; Node.js leaves them as they are. */
  readonly head: string[];
  /** A string, because Node.js sends head and body in one piece then. */
  readonly json: string;
  /** How many of them the body has. */
  readonly bytes: number;
}

/** @param fields beside type and length */
export function jsonAnswer(fields: HeaderFields, json: string): JsonAnswer {
  const bytes = Buffer.byteLength(json);
  return { head: [...JSON_TYPE, ...fields, 'Content-Length', String(bytes)], json, bytes };
}

/** Sends an answer. */
export function send(res: ServerResponse, status: number, { head, json }: JsonAnswer): void {
  res.writeHead(status, head).end(json);
}

/** Sends an answer of which the status says everything. */
export function sendNothing(res: ServerResponse, fields: HeaderFields): void {
  res.writeHead(200, [...fields, 'Content-Length', '0']).end();
}

/** What has no place in an `error_description` (RFC 6749 §5.2); it comes in with what a request says, which some descriptions quote. */
const NOT_DESCRIBING = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** The body of an error (RFC 6749 §5.2), and the fields that come with it. */
export const errorJson = ({ code, message, options }: HttpError) => ({
  json: JSON.stringify({ error: code, error_description: message.replace(NOT_DESCRIBING, '?') }),
  fields: Object.entries(options.headers ?? {}).flat(),
});
