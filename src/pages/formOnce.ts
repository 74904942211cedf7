/**
 * A form that is sent twice, by two clicks or by a browser that tries again: it does once what it says, and each sending
 * gets the same answer. Each form has an id of its rendering; the same id with the same fields from the same browser is
 * the same sending.
 */
import { hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { HttpContext, HttpState } from '../http/context.js';
import { storeUnavailable } from '../http/errors.js';
import { openFor, sealFor } from '../sealedFor.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { volatileKind } from '../stores/volatile.js';
import { cookieName } from './cookies.js';
import type { Site } from './site.js';

/** Where the first sending led, sealed under the cookie that it came with; nothing while it is under way. */
const sent = volatileKind('sent-form', z.strictObject({ sealed: z.string().optional() }));
const KEPT_MS = 60_000;
const WAITS_MS = 8_000;
const LOOKS_EVERY_MS = 50;

const Answer = z.object({ location: z.string(), cookies: z.array(z.string()) });

/** Thrown where a form is read, and caught around the route. */
class SentBefore extends Error {
  constructor(readonly answer: z.infer<typeof Answer>) {
    super('this form was sent before');
  }
}

/** What a form is known by: the browser's secret, and everything that it sent. */
interface Sending {
  readonly secret: string;
  readonly key: string;
}

/** Consent keeps the one answer of each request itself (`oauth/consentAnswer.ts`). */
const CONSENT = /\/interaction\/[^/]+$/;

function sendingOf(site: Site, ctx: HttpContext, form: URLSearchParams): Sending | undefined {
  const cookie = (name: string) => ctx.cookies.get(cookieName(site, name), { signed: true });
  const secret = cookie('session') ?? cookie('browser');
  if (secret === undefined || !form.get('form_id') || CONSENT.test(ctx.path)) return undefined;
  return { secret, key: hash('sha256', JSON.stringify([secret, ctx.path, form.toString()]), 'base64url') };
}

/**
 * Claims a form for this sending. Comes before anything that the form changes, the session that it was bound to included.
 * @throws SentBefore when it was sent before; HttpError 503 when the first sending does not come to its end
 */
export async function sendOnce(site: Site, ctx: HttpContext, form: URLSearchParams): Promise<void> {
  const sending = sendingOf(site, ctx, form);
  if (!sending) return;
  const { volatile } = site.stores;
  const { key, secret } = sending;
  const until = Date.now() + WAITS_MS;
  while (!(await volatile.add(sent, key, {}, Date.now() + KEPT_MS))) {
    const first = await volatile.get(sent, key);
    if (first?.sealed !== undefined)
      throw new SentBefore(Answer.parse(openFor(secret, ['sent-form', key], first.sealed)));
    if (Date.now() > until) throw storeUnavailable();
    // One that was refused is forgotten, and this one takes its place.
    await setTimeout(LOOKS_EVERY_MS);
  }
  ctx.state.sending = sending;
}

/** Keeps where a form led when it did what it says, and forgets one that was refused, so that it can be sent again. */
export function formsOnce(site: Site): Middleware<HttpState> {
  const { volatile } = site.stores;
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof SentBefore) return repeat(ctx, error.answer);
      if (ctx.state.sending) await volatile.remove(sent, ctx.state.sending.key).catch(ifAway);
      throw error;
    }
    if (!ctx.state.sending) return;
    const { key, secret } = ctx.state.sending;
    const answer = { location: ctx.response.get('Location'), cookies: [ctx.response.get('Set-Cookie') ?? []].flat() };
    // Another status asks for something first: a correction, or a sign-in.
    const kept =
      ctx.status === 303
        ? volatile.set(sent, key, { sealed: sealFor(secret, ['sent-form', key], answer) }, Date.now() + KEPT_MS)
        : volatile.remove(sent, key);
    await kept.catch(ifAway);
  };
}

function repeat(ctx: HttpContext, { location, cookies }: z.infer<typeof Answer>): void {
  ctx.status = 303;
  ctx.set('Location', location);
  if (cookies.length > 0) ctx.set('Set-Cookie', cookies.filter(Boolean));
}

/** What was done is done, and what is left of it expires. */
const ifAway = (error: unknown): void => {
  if (!(error instanceof StoreUnavailableError)) throw error;
};
