/** An upstream sign-in under way: begun in one browser, ended there, once, within fifteen minutes. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { newSecret, secretHash } from '../../ids.js';
import { seal, unseal } from '../../sealing.js';
import type { Stores } from '../../stores/stores.js';
import { volatileKind } from '../../stores/volatile.js';

/** How long somebody may take at the upstream, in milliseconds. */
export const PENDING_MS = 15 * 60_000;

const PendingSignIn = z.strictObject({
  /** The browser that began it. */
  browserHash: z.string(),
  /** What the sign-in is for, sealed: the address to return to can be that of an invitation. */
  sealed: z.string(),
});
const pendingSignIns = volatileKind('upstream-sign-in', PendingSignIn);
const ended = volatileKind('upstream-sign-in-ended', z.literal(true));

const Purpose = z.strictObject({
  /** Where the browser goes afterwards; a path of this server. */
  returnTo: z.string().exactOptional(),
  /** Whether the person has to authenticate anew there. */
  again: z.boolean(),
  /** The person must have authenticated at or after this moment (milliseconds, UTC); 0: whenever. */
  since: z.int().min(0),
});
export type Purpose = z.infer<typeof Purpose>;

/** What the upstream is told and has to show that it knows; nobody but this browser can have it from anywhere. */
export interface Proofs {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/**
 * Begins a sign-in.
 * @param browser the secret of this browser's cookie
 */
export async function beginSignIn(stores: Stores, browser: string, purpose: Purpose): Promise<Proofs> {
  const state = newSecret();
  const sealed = seal([sealingKey(browser, state)], 'sign-in', JSON.stringify(purpose));
  const value = { browserHash: secretHash(browser), sealed };
  await stores.volatile.set(pendingSignIns, state, value, Date.now() + PENDING_MS);
  return proofsOf(browser, state);
}

/**
 * Ends a sign-in: of several ends the first one gets it.
 * @param browser the secret of this browser's cookie
 * @param state as the upstream sent it back
 * @returns undefined for a sign-in that was ended, took too long, or was begun in another browser
 */
export async function endSignIn(
  stores: Stores,
  browser: string,
  state: string,
): Promise<{ purpose: Purpose; proofs: Proofs } | undefined> {
  const pending = await stores.volatile.get(pendingSignIns, state);
  if (pending?.browserHash !== secretHash(browser)) return undefined;
  if (!(await stores.volatile.add(ended, state, true, Date.now() + PENDING_MS))) return undefined;
  await stores.volatile.remove(pendingSignIns, state);
  const purpose = unseal([sealingKey(browser, state)], 'sign-in', pending.sealed);
  return { purpose: Purpose.parse(JSON.parse(purpose)), proofs: proofsOf(browser, state) };
}

/** Derived and not stored: what the server keeps of a sign-in is of no use to whoever reads it. */
function proofsOf(browser: string, state: string): Proofs {
  const derived = (what: string): string => derivation(browser, state, what).toString('base64url');
  return { state, nonce: derived('nonce'), codeVerifier: derived('code_verifier') };
}

const sealingKey = (browser: string, state: string): Buffer => derivation(browser, state, 'sealing key');

const derivation = (browser: string, state: string, what: string): Buffer =>
  createHmac('sha256', browser).update(`upstream\0${what}\0${state}`).digest();
