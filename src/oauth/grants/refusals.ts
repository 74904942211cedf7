/** The errors of the token endpoint (RFC 6749 §5.2) with a text that tells the client's developer what to do. */
import { HttpError } from '../../http/errors.js';
import { because, type ConnectionRefusal, type Refusal } from '../../http/refusal.js';

/** `invalid_grant`: the code or refresh token does not work (any more). */
export const invalidGrant = (reason: Refusal, description: string) =>
  because(reason, new HttpError(400, 'invalid_grant', description));

/** `invalid_target` (RFC 8707 §2): the resource is unknown or not the one of this authorization. */
export const invalidTarget = (description: string) => new HttpError(400, 'invalid_target', description);

const REASONS: Record<ConnectionRefusal, string> = {
  'connection-gone': 'this connection was removed or has expired; authorize again',
  'account-gone': 'the account of this connection does not exist any more; authorize again',
  'organization-gone': 'the organization of this connection does not exist any more; authorize again',
  'not-a-member': 'the person is no longer a member of the organization of this connection; authorize again',
  'mcp-access-off':
    'MCP access is switched off for the organization of this connection; an account admin can switch it on again',
  'client-gone': 'this client is not registered here any more',
  'resource-gone': 'the resource of this connection is no longer served here; authorize again',
  'scope-gone': 'the resource does not have the scopes of this connection any more; authorize again',
  'exchange-gone':
    'the person was not shown that this resource server may get tokens for that resource; authorize again',
};

/** The `invalid_grant` that tells why a connection cannot be used now. */
export const connectionRefused = (reason: ConnectionRefusal) => invalidGrant(reason, REASONS[reason]);

/**
 * Tells at a refresh why a connection cannot be used now. Clients drop their tokens on `invalid_grant`, so where an admin's
 * switch brings everything back it is 403 `access_denied`, on which they keep them and show the description.
 */
export const refreshRefused = (reason: ConnectionRefusal) =>
  reason === 'mcp-access-off'
    ? because(
        reason,
        new HttpError(
          403,
          'access_denied',
          'MCP access is switched off for this organization: ask an account admin of it to switch it on, then use the same tokens again',
        ),
      )
    : connectionRefused(reason);

/** `invalid_target`: the consent page named no exchange for that resource. */
export const notShown = () => because('exchange-gone', invalidTarget(REASONS['exchange-gone']));

/** `invalid_scope`: more was asked than was granted. */
export const invalidScope = (description: string) => new HttpError(400, 'invalid_scope', description);
