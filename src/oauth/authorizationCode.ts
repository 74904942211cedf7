/** Authorization codes: oidc-provider makes and keeps them, the code grant reads them. */
import { z } from 'zod';
import { connections } from '../stores/records/connection.js';
import type { Stores } from '../stores/stores.js';
import { type VolatileStore, volatileKind } from '../stores/volatile.js';

/** Under this kind the library's payloads are kept (`adapter.ts`). */
export const AUTHORIZATION_CODE = 'authorization-code';

/** Of the library's payload, what the exchange needs. */
const AuthorizationCode = z.object({
  clientId: z.string(),
  /** The id of the pending connection. */
  grantId: z.string(),
  redirectUri: z.string(),
  codeChallenge: z.string(),
  nonce: z.string().optional(),
  /** When the person gave the password (seconds since 1970); 0 when an upstream did not say. */
  authTime: z.number().optional(),
});
export type AuthorizationCode = z.infer<typeof AuthorizationCode>;

const codes = volatileKind(AUTHORIZATION_CODE, z.unknown());

/** Takes a code away that no client got. */
export const forgetAuthorizationCode = (volatile: VolatileStore, code: string): Promise<void> =>
  volatile.remove(codes, code);

/** Whether a client can still exchange a code: one that is used again ends its connection (RFC 6749 §4.1.2). */
export async function isCodeUnused({ volatile, durable }: Stores, code: string): Promise<boolean> {
  const found = await findAuthorizationCode(volatile, code);
  return found !== undefined && (await durable.get(connections, found.grantId))?.status === 'pending';
}

/** The authorization that a code stands for; undefined when it is unknown or expired. */
export async function findAuthorizationCode(
  volatile: VolatileStore,
  code: string,
): Promise<AuthorizationCode | undefined> {
  const payload = await volatile.get(codes, code);
  return payload === undefined ? undefined : AuthorizationCode.parse(payload);
}
