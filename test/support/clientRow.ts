/** Replays what one MCP client sends, through consent, exchange, refresh, a removal, and connecting again. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { removeConnection } from './account.js';
import { type Answer, basic, form, introspect, request, tokensOf } from './client.js';
import { configFor } from './demoServer.js';
import { type DocumentHost, startDocumentHost } from './documentHost.js';
import { clientRedirect, Person } from './person.js';
import { startServer, type TestServer } from './server.js';

export const RESOURCE = 'http://localhost:3001/mcp';

type Parameters = Record<string, string | undefined>;

export interface Row {
  /** The body of its registration request, byte for byte; or instead of it: */
  readonly registration?: string;
  /** its client metadata document without `client_id`, and the path it stands under. */
  readonly document?: { readonly path: string; readonly content: object } | undefined;
  /** What its registration must come out as. */
  readonly registered?: object;
  /** The address it listens on, which may have another port than the registered one. */
  readonly redirectUri: string;
  /** What it sends to /authorize beside the parameters that every client sends. */
  readonly authorize: Parameters;
  /** What it sends with the code beside the parameters that every client sends. */
  readonly exchange?: Parameters;
  /** What it sends with a refresh token beside the token. */
  readonly refresh?: Parameters;
  /** The scopes it must end up with. */
  readonly scope: string;
  /** The scopes a refresh must give, when it asks for less. */
  readonly refreshedScope?: string;
  /** How it sends a secret that registration gave it: HTTP Basic as it is unless it does otherwise. */
  readonly secretBy?: 'basic' | 'body';
}

/** One installation of the client, with what it stores. */
export class Installation {
  constructor(
    readonly server: TestServer,
    readonly row: Row,
    readonly clientId: string,
    /** That its registration was answered with. */
    readonly secret?: string,
  ) {}

  /** Sends the person to the browser and takes the code from the redirect, checked as strict clients check it. */
  async code(person: Person): Promise<{ code: string; verifier: string }> {
    const verifier = randomBytes(32).toString('base64url');
    const state = this.row.authorize.state ?? randomBytes(16).toString('base64url');
    const query = form({
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.row.redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...this.row.authorize,
      state,
    });
    const consent = await person.openConsent(`${this.server.url('/authorize')}?${query}`);
    const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics'));
    expect(redirect.href.split('?')[0]).toBe(this.row.redirectUri);
    // RFC 9207: clients compare `iss` as a string; an extra slash or a missing value ends the connection attempt.
    expect(Object.fromEntries(redirect.searchParams)).toEqual({
      code: expect.any(String),
      state,
      iss: this.server.issuer,
    });
    return { code: redirect.searchParams.get('code') ?? '', verifier };
  }

  exchange({ code, verifier }: { code: string; verifier: string }): Promise<Answer> {
    return this.#token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: this.row.redirectUri,
      client_id: this.clientId,
      ...this.row.exchange,
    });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.#token({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: this.clientId,
      ...this.row.refresh,
    });
  }

  revoke(token: string, hint: string): Promise<Answer> {
    const body = form({ token, token_type_hint: hint, client_id: this.clientId, ...this.#inBody() });
    return request(this.server.url('/revoke'), { method: 'POST', headers: this.#authentication(), body });
  }

  #token(parameters: Parameters): Promise<Answer> {
    const headers = this.#authentication();
    return request(this.server.url('/token'), {
      method: 'POST',
      headers,
      body: form({ ...parameters, ...this.#inBody() }),
    });
  }

  #authentication(): Record<string, string> {
    return this.secret === undefined || this.row.secretBy === 'body' ? {} : basic(this.clientId, this.secret);
  }

  #inBody(): Parameters {
    return this.row.secretBy === 'body' ? { client_secret: this.secret } : {};
  }
}

/** Registers a client with the body that it sends. */
export const registerWith = (server: TestServer, body: string): Promise<Answer> =>
  request(server.url('/register'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });

export interface RowServers {
  readonly server: TestServer;
  readonly vendor: DocumentHost;
  readonly person: Person;
  /** The client as it stands once it is known to the server. */
  install(row: Row): Promise<Installation>;
}

/**
 * Starts an authorization server that may fetch the documents of the vendor's server beside it.
 * @param issuerPath `''` or a path such as `/oauth`
 * @param change of the config file
 */
export const startForRow = async (issuerPath: string): Promise<RowServers & { stop(): Promise<void> }> => {
  const vendor = await startDocumentHost();
  const config = {
    ...(await configFor(RESOURCE)),
    clientPolicy: { metadataDocuments: { privateHosts: [vendor.host] } },
  };
  const server = await startServer({ issuerPath, config, env: vendor.env });
  return {
    server,
    vendor,
    person: new Person(),
    install: async (row) => {
      if (row.document) {
        const clientId = vendor.serve(row.document.path, row.document.content, { 'cache-control': 'max-age=300' });
        return new Installation(server, row, clientId);
      }
      const answer = await registerWith(server, row.registration ?? '');
      expect(`${answer.status} ${answer.text}`).toMatch(/^201 /);
      expect(answer.json).toMatchObject({ ...row.registered, client_id: expect.any(String) });
      const { client_id, client_secret } = answer.json;
      return new Installation(server, row, String(client_id), client_secret ? String(client_secret) : undefined);
    },
    stop: async () => {
      await server.stop();
      await vendor.stop();
    },
  };
};

/**
 * The tests that every row of the table of clients must pass, on an issuer at the root and on one with a path.
 * @param rows the ways in which the client makes itself known, by name
 * @param more further tests of the client, given a function that yields the running servers
 */
export const describeRows = (rows: Record<string, Row>, more: (servers: () => RowServers) => void = () => {}): void => {
  describe.each([
    ['at the root of a host', ''],
    ['with a path', '/oauth'],
  ])('On an issuer %s', (_where, issuerPath) => {
    let started: Awaited<ReturnType<typeof startForRow>>;
    beforeAll(async () => {
      started = await startForRow(issuerPath);
    });
    afterAll(() => started?.stop());

    test.each(Object.entries(rows))(
      '%s: connects, refreshes, and connects again after a removal',
      async (_name, row) => {
        const { server, person } = started;
        const client = await started.install(row);

        const first = tokensOf(await client.exchange(await client.code(person)));
        expect(first.answer.json).toMatchObject({ token_type: 'Bearer', scope: row.scope, expires_in: 3600 });
        const connected = await introspect(server, first.accessToken);
        expect(connected.json).toMatchObject({ active: true, client_id: client.clientId, aud: RESOURCE });

        const second = tokensOf(await client.refresh(first.refreshToken));
        expect(second.answer.json.scope).toBe(row.refreshedScope ?? row.scope);
        expect((await introspect(server, second.accessToken)).json.active).toBe(true);

        await removeConnection(server, person, String(connected.json.connection_id));
        const refused = await client.refresh(second.refreshToken);
        expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_grant');
        expect((await introspect(server, second.accessToken)).json).toEqual({ active: false });

        const again = tokensOf(await client.exchange(await client.code(person)));
        expect((await introspect(server, again.accessToken)).json.active).toBe(true);
      },
    );

    more(() => started);
  });
};
