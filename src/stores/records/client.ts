/** An OAuth client: registered (RFC 7591), or described by a metadata document of which this is the snapshot. */
import { z } from 'zod';
import { fits, TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

export const KnownClient = z.strictObject({
  /** The client id; of a client with a metadata document, that document's address. */
  id: z.string().min(1).max(TEXT_BOUNDS.clientId.most),
  /** Client metadata; a `client_secret` in it is the secret's SHA-256 as `sha256:…`. */
  metadata: z
    .record(z.string(), z.unknown())
    .refine((metadata) => fits('clientMetadata', metadata), 'The metadata is too long.'),
  createdAt: z.int(),
  /** Until when a metadata document may be used without asking for it again (milliseconds, UTC); 0 once it was withdrawn. */
  freshUntil: z.int().exactOptional(),
  /** Redirect URIs of the document that were not acceptable; absent: none. They count once the operator lists their scheme. */
  leftOut: z.array(z.string()).exactOptional(),
  /** When it last exchanged a code, to about a day (milliseconds, UTC). */
  connectedAt: z.int().exactOptional(),
  /** When the client is forgotten: soon if no person is ever asked about it, long after its last connection or request if one is. */
  keptUntil: z.int(),
});
export type KnownClient = z.infer<typeof KnownClient>;

export const clients = collection({
  name: 'clients',
  changesCounted: () => true,
  schema: KnownClient,
  indexes: { byCreation: { fields: ['createdAt'] } },
  keptUntil: 'keptUntil',
});
