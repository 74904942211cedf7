/** Clients that sign: registrations with odd keys; and assertions with headers and claims that no client should send, under signatures that are right. */
import { createPrivateKey, sign } from 'node:crypto';
import fc from 'fast-check';
import { type Answer, request } from '../support/client.js';
import type { TestServer } from '../support/server.js';
import { asserted, type SigningClient, timeAt } from '../support/signingClient.js';
import { jsonLike } from './json.js';
import { valueLike } from './values.js';

/** Times, and names of nobody, that a parser may stumble over. */
const oddTime = fc.constantFrom(-1, 0, 0.5, 1e21, Number.MAX_SAFE_INTEGER, -1e300, 4_102_444_800_000);

/** One of each, mostly right. */
const assertionsLike = (server: TestServer, { clientId, key }: SigningClient, use: string) => {
  const now = timeAt(server);
  const header = { alg: key.alg, kid: key.kid, typ: 'JWT' };
  const claims = { iss: clientId, sub: clientId, aud: server.issuer, exp: now + 300, iat: now, nbf: now, jti: use };
  const withOddTime = fc
    .tuple(fc.constantFrom('exp', 'iat', 'nbf'), oddTime)
    .map(([name, time]) => JSON.stringify({ ...claims, [name]: time }));
  return fc.tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant(JSON.stringify(header)) }, { weight: 1, arbitrary: jsonLike(header) }),
    fc.oneof({ weight: 3, arbitrary: jsonLike(claims) }, { weight: 1, arbitrary: withOddTime }),
  );
};

/**
 * Sends some to /token, /revoke and /register.
 * @param note is told the status of the answer to each, and what was sent, in clear
 */
export async function signOddly(
  server: TestServer,
  client: SigningClient,
  { seed, count }: { seed: number; count: number },
  note: (status: number, sent: string) => void,
): Promise<void> {
  const key = createPrivateKey({ key: { ...client.key.privateJwk }, format: 'jwk' });
  for (let n = 0; n < count; n++) {
    const odd = assertionsLike(server, client, `odd-${seed}-${n}`);
    const [parts] = fc.sample(odd, { numRuns: 1, seed: seed + n }) as [[string, string]];
    const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    const whole = `${signed}.${signature}`;
    // Of some, the text itself is broken as well.
    const [text = whole] = n % 5 === 0 ? fc.sample(valueLike(whole), { numRuns: 1, seed: seed + n }) : [];
    const { status } = await send(server, n % 2 === 0 ? '/token' : '/revoke', text);
    note(status, parts.join(' '));
    const [body] = fc.sample(registrationsLike(client), { numRuns: 1, seed: seed + n }) as [string];
    note((await register(server, body)).status, body);
  }
}

const registrationsLike = ({ key }: SigningClient): fc.Arbitrary<string> => {
  const common = {
    redirect_uris: ['http://localhost/callback'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg: key.alg,
  };
  return fc.oneof(
    jsonLike({ ...common, jwks: { keys: [{ ...key.publicJwk }, { kty: 'RSA', n: 'w'.repeat(342), e: 'AQAB' }] } }),
    jsonLike({ ...common, jwks_uri: 'https://x.example/jwks' }),
  );
};

const register = (server: TestServer, body: string): Promise<Answer> =>
  request(server.url('/register'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });

const send = (server: TestServer, path: string, assertion: string): Promise<Answer> => {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: 'x',
    token: 'x',
    ...asserted(assertion),
  });
  return request(server.url(path), { method: 'POST', body });
};
