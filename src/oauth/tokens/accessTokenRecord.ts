/** What an access token says, whether it is stored or carries it itself. */
import { z } from 'zod';

/** What is known of an access token; the ids let a use of it read everything it depends on side by side. */
export const AccessToken = z.strictObject({
  connectionId: z.string(),
  accountId: z.string(),
  organizationId: z.string(),
  clientId: z.string(),
  audience: z.string(),
  scope: z.string(),
  /** Seconds since 1970, as RFC 7662 wants them. */
  issuedAt: z.int(),
  expiresAt: z.int(),
  /** The resource server that got this token in exchange for one of the client's (RFC 8693 `act.sub`). */
  actor: z.string().exactOptional(),
});
export type AccessToken = z.infer<typeof AccessToken>;
