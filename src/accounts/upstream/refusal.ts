/** Why an upstream sign-in did not come to its end. */

export type UpstreamRefusalReason =
  /** The upstream does not answer, or answers with an error of its own. */
  | 'unreachable'
  /** The upstream does not accept this server: the operator has to mend something. */
  | 'misconfigured'
  /** The person was not let in there, or gave up. */
  | 'denied'
  /** The answer does not belong to the sign-in that was begun: another nonce, issuer or audience, a bad signature. */
  | 'unexpected'
  /** The person did not authenticate anew, which the MCP client demands. */
  | 'stale'
  | 'no-email'
  | 'unverified-email'
  /** The account with this address belongs to another identity of the upstream. */
  | 'claimed';

/** An upstream sign-in is refused; nobody is signed in. The message is for the log and holds no token and no claim. */
export class UpstreamRefusal extends Error {
  override readonly name = 'UpstreamRefusal';
  constructor(
    readonly reason: UpstreamRefusalReason,
    message: string,
  ) {
    super(message);
  }
}
