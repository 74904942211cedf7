/** Who the upstream says somebody is. */
import { Name } from '../../organizations/names.js';
import type { UpstreamSettings } from './settings.js';

export type Claims = Readonly<Record<string, unknown>>;

export interface UpstreamIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly name: string;
  /** When the person authenticated there (milliseconds, UTC); undefined when the upstream does not say. */
  readonly authenticatedAt: number | undefined;
  readonly claims: Claims;
}

/**
 * Reads an identity off what the upstream answered.
 * @param idToken the validated claims of the id_token
 * @param userInfo the claims of UserInfo, of the same subject; the id_token's count before them
 * @param settings whether addresses count as verified without a word about it
 */
export function identityOf(
  idToken: Claims & { readonly iss: string; readonly sub: string },
  userInfo: Claims,
  settings: Pick<UpstreamSettings, 'issuer' | 'emailsAreVerified'>,
): UpstreamIdentity {
  // An upstream that stands for many issuers cannot vouch for the addresses that each of them gives.
  const vouchesForAll = settings.emailsAreVerified && sameUrl(idToken.iss, settings.issuer);
  const { email, emailVerified } = addressOf(idToken, userInfo, vouchesForAll);
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    email,
    emailVerified,
    name: nameOf({ ...userInfo, ...idToken }, email),
    authenticatedAt: typeof idToken.auth_time === 'number' ? Math.floor(idToken.auth_time * 1_000) : undefined,
    claims: { ...userInfo, ...idToken },
  };
}

const sameUrl = (one: string, other: string): boolean => new URL(one).href === new URL(other).href;

/** Address and verification always come from the same place: one may speak of another address than the other. */
function addressOf(idToken: Claims, userInfo: Claims, vouchesForAll: boolean) {
  const isVerified = ({ email_verified: verified }: Claims): boolean =>
    verified === undefined ? vouchesForAll : verified === true;
  const said = [idToken, userInfo].filter(({ email }) => typeof email === 'string' && email !== '');
  const source = said.find(isVerified) ?? said[0];
  return { email: source?.email as string | undefined, emailVerified: source !== undefined && isVerified(source) };
}

function nameOf(claims: Claims, email: string | undefined): string {
  const parts = [claims.given_name, claims.family_name].filter((part) => typeof part === 'string');
  const candidates = [claims.name, parts.join(' '), claims.preferred_username, email?.split('@')[0], 'New member'];
  for (const candidate of candidates) {
    const parsed = Name.safeParse(candidate);
    if (parsed.success) return parsed.data;
  }
  return 'New member';
}
