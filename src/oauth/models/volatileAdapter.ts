/** Interactions and authorization codes: kept in the volatile store, without the value that finds them. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { type VolatileStore, volatileKind } from '../../stores/volatile.js';
import { fits } from '../../textBounds.js';
import { nothingAdapter } from './nothingAdapter.js';

/** Stands where a payload quotes its own secret id: the store keeps only hashes (docs/rules.md). */
const PLACEHOLDER = '\u0000id\u0000';

/** How long is kept what comes without an end: nothing volatile stays for ever. */
const UNLESS_SAID_SECONDS = 86_400;

/**
 * @param name of the kind in the store
 */
export function volatileAdapter(volatile: VolatileStore, name: string): Adapter {
  // What requests say was bounded before (`authorizationRequest.ts`); more than that has a defect behind it.
  const Payload = z.record(z.string(), z.unknown()).refine((payload) => fits('authorizationRequest', payload));
  const kind = volatileKind(name, Payload);
  return {
    ...nothingAdapter,
    async upsert(id, payload, expiresIn = UNLESS_SAID_SECONDS) {
      const { jti: _, ...rest } = payload;
      const returnTo = payload.returnTo?.replace(id, PLACEHOLDER);
      const kept = JSON.parse(JSON.stringify(returnTo ? { ...rest, returnTo } : rest));
      await volatile.set(kind, id, kept, Date.now() + expiresIn * 1_000);
    },
    async find(id) {
      const kept = await volatile.get(kind, id);
      if (!kept) return undefined;
      const payload: AdapterPayload = { ...kept, jti: id };
      return payload.returnTo ? { ...payload, returnTo: payload.returnTo.replace(PLACEHOLDER, id) } : payload;
    },
    async destroy(id) {
      await volatile.remove(kind, id);
    },
  };
}
