/** A client that authenticates with a signed assertion (private_key_jwt), and can do so wrongly in every way. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type Answer, form, request, TestClient, type Tokens, tokensOf } from './client.js';
import type { Person } from './person.js';
import type { TestServer } from './server.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export type Alg = 'RS256' | 'PS256' | 'ES256' | 'EdDSA' | 'ES384' | 'RS512';

/** A key pair of a client. */
export interface ClientKey {
  readonly alg: Alg;
  readonly kid: string;
  readonly privateJwk: JWK;
  /** As a client publishes it. */
  readonly publicJwk: JWK;
  readonly sign: (header: object, claims: object) => Promise<string>;
}

let keys = 0;

/** @param alg what it signs with */
export const newClientKey = async (alg: Alg = 'ES256', kid = `key-${++keys}`): Promise<ClientKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const exported = await exportJWK(publicKey);
  return {
    alg,
    kid,
    privateJwk: { ...(await exportJWK(privateKey)), kid, alg },
    publicJwk: { ...exported, kid, alg, use: 'sig' },
    sign: (header, claims) => new SignJWT({ ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
};

/** What differs from an assertion in which all is right; `undefined` leaves a member out. */
export interface Changes {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

/** By how much the clocks of servers are ahead of the test's (milliseconds). */
const ahead = new WeakMap<TestServer, number>();

/** Moves the clock of a server forward, and that of its clients with it. */
export const advance = async (server: TestServer, ms: number): Promise<void> => {
  await server.advance(ms);
  ahead.set(server, (ahead.get(server) ?? 0) + ms);
};

/** What time a server has, in seconds. */
export const timeAt = (server: TestServer): number => Math.floor((Date.now() + (ahead.get(server) ?? 0)) / 1_000);

/** The claims of an assertion in which all is right. */
const claimsFor = (server: TestServer, clientId: string): Record<string, unknown> => ({
  iss: clientId,
  sub: clientId,
  aud: server.issuer,
  exp: timeAt(server) + 300,
  iat: timeAt(server),
  jti: randomUUID(),
});

type Parameters = Record<string, string | undefined>;

/** What a client sends to authenticate. */
export const asserted = (assertion: string): Record<string, string> => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
});

export class SigningClient {
  readonly plain: TestClient;
  constructor(
    readonly server: TestServer,
    readonly clientId: string,
    readonly key: ClientKey,
    redirectUri?: string,
  ) {
    this.plain = TestClient.known(server, clientId, redirectUri);
  }

  /** The same client at another server of the same issuer, or with another key. */
  at(server: TestServer, key = this.key): SigningClient {
    return new SigningClient(server, this.clientId, key, this.plain.redirectUri);
  }
  with(key: ClientKey): SigningClient {
    return this.at(this.server, key);
  }

  assertion({ header = {}, claims = {} }: Changes = {}): Promise<string> {
    return this.key.sign(header, { ...claimsFor(this.server, this.clientId), ...claims });
  }

  async token(parameters: Parameters, changes: Changes = {}): Promise<Answer> {
    return this.plain.token({ ...asserted(await this.assertion(changes)), ...parameters });
  }

  async connect(person: Person, organization?: string): Promise<Tokens> {
    const { code, verifier } = await this.plain.codeFor(person, organization);
    return tokensOf(await this.exchange(code, verifier));
  }

  exchange(code: string, code_verifier: string, parameters: Parameters = {}): Promise<Answer> {
    const redirect_uri = this.plain.redirectUri;
    return this.token({ grant_type: 'authorization_code', code, code_verifier, redirect_uri, ...parameters });
  }

  refresh(refresh_token: string, parameters: Parameters = {}, changes: Changes = {}): Promise<Answer> {
    return this.token({ grant_type: 'refresh_token', refresh_token, ...parameters }, changes);
  }

  async revoke(token: string, changes: Changes = {}): Promise<Answer> {
    const body = form({ token, client_id: this.clientId, ...asserted(await this.assertion(changes)) });
    return request(this.server.url('/revoke'), { method: 'POST', body });
  }
}

/** Registers a client (RFC 7591) and demands that it was taken. */
export const registerSigning = async (server: TestServer, key: ClientKey, more: object): Promise<SigningClient> => {
  const answer = await registration(server, more);
  if (answer.status !== 201) throw new Error(`Not registered: ${answer.status} ${answer.text}`);
  return new SigningClient(server, String(answer.json.client_id), key);
};

export const registration = (server: TestServer, more: object): Promise<Answer> =>
  request(server.url('/register'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Signing test client',
      redirect_uris: ['http://127.0.0.1:8765/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      ...more,
    }),
  });

/** The status of an answer and what it says, for one comparison. */
export const outcome = ({ status, json }: Answer): string => `${status} ${json.error ?? json.token_type ?? ''}`.trim();
