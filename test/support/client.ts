/** A minimal OAuth client that sends exactly what a test wants and checks nothing. */
import { createHash, randomBytes } from 'node:crypto';
import { type Choices, clientRedirect, type Person, signInAndConsent } from './person.js';
import type { TestServer } from './server.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty when it is no JSON object. */
  readonly json: Record<string, unknown>;
}

export interface Authorization {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
  readonly answer: Answer;
}

type Parameters = Record<string, string | undefined>;

const REDIRECT_URI = 'http://127.0.0.1:8765/callback';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

/** Reads the whole of an answer. */
export const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
};

/**
 * Sends a request and reads the whole answer.
 * @param url where to
 * @param init as for `fetch`; redirects are not followed
 */
export const request = async (url: string | URL, init: RequestInit = {}): Promise<Answer> =>
  answerOf(await fetch(url, { redirect: 'manual', ...init }));

/** The parameters of a form or query without those that are `undefined`. */
export const form = (parameters: Parameters): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** A `Basic` header. */
export const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/** The resource server of the default config. */
export const DEMO_RESOURCE_SERVER = basic('demo-mcp-server', 'demo-mcp-server-secret');

/** Introspects a token, as the demo resource server unless told otherwise. */
export const introspect = (server: TestServer, token: string, headers = DEMO_RESOURCE_SERVER): Promise<Answer> =>
  request(server.url('/introspect'), { method: 'POST', headers, body: form({ token }) });

/** A registered client. */
export class TestClient {
  private constructor(
    readonly server: TestServer,
    readonly clientId: string,
    readonly redirectUri: string,
    readonly resource: string,
  ) {}

  /** Registers a public client (RFC 7591). */
  static async register(
    server: TestServer,
    resource = 'http://localhost:3001/mcp',
    redirectUri = REDIRECT_URI,
  ): Promise<TestClient> {
    const answer = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Raw test client',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      }),
    });
    if (typeof answer.json.client_id !== 'string') throw new Error(`Not registered: ${answer.status} ${answer.text}`);
    return new TestClient(server, answer.json.client_id, redirectUri, resource);
  }

  /** A client that the server knows in another way, e.g. by its metadata document. */
  static known(
    server: TestServer,
    clientId: string,
    redirectUri = REDIRECT_URI,
    resource = 'http://localhost:3001/mcp',
  ): TestClient {
    return new TestClient(server, clientId, redirectUri, resource);
  }

  /** The same client at another server of the same issuer. */
  at(server: TestServer): TestClient {
    return new TestClient(server, this.clientId, this.redirectUri, this.resource);
  }

  /** An authorization URL with PKCE S256; `undefined` leaves a parameter out. */
  authorize(overrides: Parameters = {}): Authorization {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(8).toString('base64url');
    const query = form({
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      resource: this.resource,
      state,
      ...overrides,
    });
    return { url: `${this.server.url('/authorize')}?${query}`, verifier, state };
  }

  token(parameters: Parameters): Promise<Answer> {
    const body = form({ client_id: this.clientId, resource: this.resource, ...parameters });
    return request(this.server.url('/token'), { method: 'POST', body });
  }

  exchange(code: string, verifier: string, overrides: Parameters = {}): Promise<Answer> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: this.redirectUri,
      ...overrides,
    });
  }

  refresh(refreshToken: string, overrides: Parameters = {}): Promise<Answer> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...overrides });
  }

  /** Revokes a token (RFC 7009). */
  revoke(token: string, overrides: Parameters = {}): Promise<Answer> {
    const body = form({ token, client_id: this.clientId, ...overrides });
    return request(this.server.url('/revoke'), { method: 'POST', body });
  }

  /** A code for an approved authorization, not exchanged yet. */
  async code(choices: Choices = {}, overrides: Parameters = {}): Promise<{ code: string; verifier: string }> {
    const { url, verifier } = this.authorize(overrides);
    const redirect = await signInAndConsent(url, choices);
    const code = redirect.searchParams.get('code');
    if (code === null) throw new Error(`No code: ${redirect}`);
    return { code, verifier };
  }

  /** A code for a person who may be signed in already. */
  async codeFor(person: Person, organization = 'Acme Robotics'): Promise<{ code: string; verifier: string }> {
    const { url, verifier } = this.authorize();
    const redirect = clientRedirect(await person.decide(await person.openConsent(url), organization));
    return { code: redirect.searchParams.get('code') ?? '', verifier };
  }

  /** Connects: the whole way to tokens. */
  async connect(choices: Choices = {}, overrides: Parameters = {}): Promise<Tokens> {
    const { code, verifier } = await this.code(choices, overrides);
    return tokensOf(await this.exchange(code, verifier));
  }
}

/** The tokens of a token response; an error that shows it when there are none. */
export const tokensOf = (answer: Answer): Tokens => {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer.json;
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || typeof expiresIn !== 'number') {
    throw new Error(`No tokens: ${answer.status} ${answer.text}`);
  }
  return { accessToken, refreshToken, expiresIn, answer };
};
