/** How long each text can be that a request leaves in a store; docs/storage.md shows this table. */

interface Bound {
  readonly what: string;
  readonly most: number;
  /** Bytes as it is stored, which is as JSON in UTF-8; or UTF-16 units; or how many there are. */
  readonly unit: 'bytes' | 'characters' | 'entries';
}

export const TEXT_BOUNDS = {
  state: { what: '`state` of an authorization request', most: 2_048, unit: 'bytes' },
  nonce: { what: '`nonce` of an authorization request', most: 2_048, unit: 'bytes' },
  clientId: { what: '`client_id`', most: 2_000, unit: 'bytes' },
  redirectUri: { what: 'a redirect URI', most: 2_000, unit: 'bytes' },
  redirectUris: { what: 'redirect URIs of a client', most: 10, unit: 'entries' },
  maxAge: { what: '`max_age` of an authorization request', most: 15, unit: 'bytes' },
  authorizationRequest: { what: 'an authorization request as it is kept, or a code', most: 32_000, unit: 'bytes' },
  clientName: { what: '`client_name`, cut', most: 100, unit: 'characters' },
  clientUri: { what: '`client_uri`, left out when longer', most: 2_000, unit: 'bytes' },
  clientMetadata: { what: 'the metadata of a client as it is kept', most: 24_000, unit: 'bytes' },
  keySetUri: { what: '`jwks_uri`', most: 2_000, unit: 'bytes' },
  keySet: { what: 'the public keys of a `jwks_uri` as they are kept', most: 66_000, unit: 'bytes' },
  email: { what: 'an email address', most: 254, unit: 'characters' },
  name: { what: 'the name of an account or organization', most: 200, unit: 'characters' },
  chosenId: { what: 'the id of an account or organization that the operator chose', most: 128, unit: 'bytes' },
  passwordHash: { what: 'the hash of a password', most: 512, unit: 'bytes' },
  roles: { what: 'roles of a member or an invitation', most: 200, unit: 'entries' },
  roleScope: { what: 'the id of an app or a keyset', most: 128, unit: 'characters' },
  upstreamIssuer: { what: 'the issuer of an upstream identity', most: 500, unit: 'characters' },
  upstreamSubject: { what: 'the subject of an upstream identity', most: 255, unit: 'characters' },
  userAgent: { what: '`User-Agent` of a sign-in, cut', most: 500, unit: 'characters' },
  returnTo: { what: 'where an upstream sign-in leads, ignored when longer', most: 2_000, unit: 'bytes' },
  auditDetail: { what: 'one detail of an audit event, cut', most: 1_000, unit: 'characters' },
} as const satisfies Record<string, Bound>;

export type BoundedText = keyof typeof TEXT_BOUNDS;

/** Whether a text, or an object, is short enough; of a text in JSON the quotation marks do not count. */
export function fits(name: BoundedText, value: unknown): boolean {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  return bytes - (typeof value === 'string' ? 2 : 0) <= TEXT_BOUNDS[name].most;
}

/** The text, or its beginning with an ellipsis where it is too long. */
export function cut(name: BoundedText, text: string): string {
  const { most } = TEXT_BOUNDS[name];
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
