/** The response to a refresh token's first use, kept for the replay window so that nobody but the holder of that very token can read it. */
import { openFor, sealFor } from '../../sealedFor.js';
import type { Connection } from '../../stores/records/connection.js';

/** What the sealed part is bound to: moved to another connection, client or resource it does not open. */
type Binding = Pick<Connection, 'id' | 'clientId' | 'resource'>;

const contextOf = ({ id, clientId, resource }: Binding): string[] => ['refresh-replay', id, clientId, resource];

/** Seals a response under a key that only the presented token yields. */
export const sealResponse = (token: string, binding: Binding, response: object): string =>
  sealFor(token, contextOf(binding), response);

/**
 * Opens what `sealResponse` made.
 * @throws when token or binding are others than at sealing
 */
export const openResponse = (token: string, binding: Binding, sealed: string): object =>
  openFor(token, contextOf(binding), sealed);
