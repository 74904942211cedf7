/** A connection as oidc-provider's Grant. Connections are opened by our consent page, so the library only reads them. */
import type { Adapter } from 'oidc-provider';
import { connectionById } from '../../connections/endedConnections.js';
import type { Stores } from '../../stores/stores.js';
import { OPENID_SCOPES } from '../resources.js';
import { nothingAdapter } from './nothingAdapter.js';

export function connectionAdapter({ durable }: Pick<Stores, 'durable'>): Adapter {
  return {
    ...nothingAdapter,
    async find(id) {
      const connection = await connectionById(durable, id);
      if (!connection) return undefined;
      const scopes = connection.scope.split(' ');
      return {
        kind: 'Grant',
        jti: id,
        accountId: connection.accountId,
        clientId: connection.clientId,
        iat: Math.floor(connection.createdAt / 1_000),
        exp: Math.floor(connection.expiresAt / 1_000),
        openid: { scope: scopes.filter((scope) => Object.hasOwn(OPENID_SCOPES, scope)).join(' ') },
        resources: { [connection.resource]: connection.scope },
      };
    },
  };
}
