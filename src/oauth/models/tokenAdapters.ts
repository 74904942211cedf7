/** Access and refresh tokens as the library's revocation endpoint sees them; issuing them is ours (`grants/`). */
import type { Adapter } from 'oidc-provider';
import type { Stores } from '../../stores/stores.js';
import type { OauthContext } from '../context.js';
import { findAccessToken } from '../tokens/accessToken.js';
import { findAdminToken, removeAdminToken } from '../tokens/adminToken.js';
import { findRefreshToken } from '../tokens/refreshToken.js';
import { nothingAdapter } from './nothingAdapter.js';

/** Opaque and signed ones, whatever MCP access says: a token can be revoked while it is off. */
export function accessTokenAdapter(oauth: OauthContext): Adapter {
  return {
    ...nothingAdapter,
    async find(value) {
      // The library looks for a token of each kind. To revoke a refresh token must not need the volatile store.
      if (await findRefreshToken(oauth.stores, value)) return undefined;
      const token = await findAccessToken(oauth, value);
      return (
        token && {
          kind: 'AccessToken',
          jti: value,
          grantId: token.connectionId,
          accountId: token.accountId,
          clientId: token.clientId,
          aud: token.audience,
          scope: token.scope,
          iat: token.issuedAt,
          exp: token.expiresAt,
        }
      );
    },
  };
}

/** Used ones too: revoking any of its tokens removes the connection. */
export function refreshTokenAdapter(stores: Stores): Adapter {
  return {
    ...nothingAdapter,
    async find(value) {
      const token = await findRefreshToken(stores, value);
      return (
        token && {
          kind: 'RefreshToken',
          jti: value,
          grantId: token.connectionId,
          accountId: token.accountId,
          clientId: token.clientId,
          scope: token.scope,
          iat: Math.floor(token.issuedAt / 1_000),
          exp: Math.floor(token.keptUntil / 1_000),
          consumed: token.usedAt,
        }
      );
    },
  };
}

/** Tokens for the Admin API, which the library knows as those of the client_credentials grant. */
export function adminTokenAdapter(oauth: OauthContext): Adapter {
  return {
    ...nothingAdapter,
    async find(value) {
      if (oauth.adminClients.ids.length === 0 || (await findRefreshToken(oauth.stores, value))) return undefined;
      const token = await findAdminToken(oauth, value);
      return (
        token && {
          kind: 'ClientCredentials',
          jti: value,
          clientId: token.clientId,
          iat: token.issuedAt,
          exp: token.expiresAt,
        }
      );
    },
    destroy: (value) => removeAdminToken(oauth, value),
  };
}
