/** Form bodies: `application/x-www-form-urlencoded`, at most 64 KB, each field once. */
import getRawBody from 'raw-body';
import type { HttpContext } from './context.js';
import { bodyTooLarge, HttpError, MAX_BODY } from './errors.js';
import { assertPlainBody } from './plainBody.js';

/**
 * Reads a posted form.
 * @returns its fields; use `get`, each name stands there once
 * @throws HttpError 415 for another content type or a compressed body, 413 for too much, 400 for what cannot be decoded or comes twice
 */
export async function readForm(ctx: HttpContext): Promise<URLSearchParams> {
  return formOf(await bodyOf(ctx));
}

/**
 * Reads a posted form as it came, fields that come twice included.
 * @throws HttpError 415 for another content type or a compressed body, 413 for too much, 400 for what cannot be decoded
 */
export async function readFormText(ctx: HttpContext): Promise<string> {
  return textOf(await bodyOf(ctx));
}

/**
 * The fields of a form body.
 * @param repeatable names of fields that may come more than once
 * @throws HttpError 400 for what is not UTF-8, or when a field comes twice
 */
export function formOf(bytes: Buffer, repeatable: readonly string[] = []): URLSearchParams {
  const form = new URLSearchParams(textOf(bytes));
  const names = new Set<string>();
  for (const name of form.keys()) {
    if (names.has(name) && !repeatable.includes(name))
      throw new HttpError(400, 'invalid_request', `The parameter ${name.slice(0, 50)} must not be sent twice.`);
    names.add(name);
  }
  return form;
}

/**
 * Demands that a body is a form.
 * @param contentType the header; empty when there is none
 * @throws HttpError 415
 */
export function assertForm(contentType: string): void {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType))
    throw new HttpError(415, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
}

async function bodyOf(ctx: HttpContext): Promise<Buffer> {
  assertForm(ctx.get('Content-Type'));
  return postedBody(ctx);
}

/**
 * Reads a posted body.
 * @throws HttpError 415 for what is compressed, 413 for too much, 400 for what breaks off
 */
export async function postedBody(ctx: HttpContext): Promise<Buffer> {
  assertPlainBody(ctx.req.headers);
  try {
    return await getRawBody(ctx.req, { limit: MAX_BODY, length: ctx.request.length ?? null });
  } catch (error) {
    const tooLarge = (error as { type?: unknown }).type === 'entity.too.large';
    throw tooLarge ? bodyTooLarge() : new HttpError(400, 'invalid_request', 'The body could not be read to its end.');
  }
}

/**
 * The text of a body.
 * @throws HttpError 400 for what is not UTF-8
 */
export function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, 'invalid_request', 'The body must be UTF-8.');
  }
}
