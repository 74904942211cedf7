/** RFC 7662 introspection: what a resource server learns of a token, read anew on every call. */
import type { ConnectionRefusal } from '../http/refusal.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { connectionNow, tokenScopeNow } from './connectionNow.js';
import type { OauthContext } from './context.js';
import type { AccessToken } from './tokens/accessTokenRecord.js';

export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly scope: string;
      readonly client_id: string;
      readonly client_name: string;
      readonly username: string;
      readonly sub: string;
      readonly aud: string;
      readonly iss: string;
      readonly exp: number;
      readonly iat: number;
      readonly token_type: 'Bearer';
      readonly connection_id: string;
      readonly org_id: string;
      readonly org_name: string;
      readonly roles: readonly RoleAssignment[];
      /**
       * The resource server that acts for the client, in a token that it got by exchange (RFC 8693 §4.1). JSON leaves it
       * out in others; all answers have it, since what comes about by spreading takes longer to make and to write.
       */
      readonly act: { readonly sub: string } | undefined;
    };

/** What is said of every token that is not active, whatever the cause, so that nothing can be learned from it. */
export const INACTIVE: Introspection = Object.freeze({ active: false });

/**
 * Says whether a token is active now. Names, roles and scopes are those of this moment.
 * @param access what is known of the token, which the resource server that asks may know
 * @throws StoreUnavailableError when it cannot be known
 */
export async function introspect(oauth: OauthContext, access: AccessToken): Promise<Introspection> {
  const { connectionId, accountId, organizationId, actor } = access;
  const use = await connectionNow(oauth, { id: connectionId, accountId, organizationId });
  if (!use.usable) return inactive(oauth, use.reason);
  if (use.connection.status !== 'active') return INACTIVE;
  const scope = tokenScopeNow(oauth, use, access);
  if (scope === '') return inactive(oauth, actor === undefined ? 'scope-gone' : 'exchange-gone');
  return {
    active: true,
    scope,
    client_id: access.clientId,
    client_name: use.connection.clientName,
    username: use.account.email,
    sub: accountId,
    aud: access.audience,
    iss: oauth.config.issuer,
    exp: access.expiresAt,
    iat: access.issuedAt,
    token_type: 'Bearer',
    connection_id: connectionId,
    org_id: use.organization.id,
    org_name: use.organization.name,
    roles: use.member.roles,
    act: actor === undefined ? undefined : { sub: actor },
  };
}

function inactive({ tally }: OauthContext, reason: ConnectionRefusal): Introspection {
  tally.countRefusal('/introspect', reason);
  return INACTIVE;
}
