/** A connection as oidc-provider's Grant. Connections are opened by our consent page, so the library only reads them. */
import Provider, { type Adapter } from 'oidc-provider';
import { removeConnection } from '../../connections/removeConnection.js';
import { connections } from '../../stores/records/connection.js';
import { clientActor, type OauthContext } from '../context.js';
import { OPENID_SCOPES } from '../resources.js';
import { nothingAdapter } from './nothingAdapter.js';

/** Read: the connection. Destroyed: the connection is removed. */
export function connectionAdapter({ stores }: OauthContext): Adapter {
  return {
    ...nothingAdapter,
    async find(id) {
      const connection = await stores.durable.get(connections, id);
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
    /** The library destroys the Grant when a client revokes one of its tokens (RFC 7009). */
    async destroy(id) {
      const connection = await stores.durable.get(connections, id);
      if (connection) await removeConnection(stores, clientActor(Provider.ctx), connection);
    },
  };
}
