/** A real OpenID provider that the server under test sends people to, and people who sign in there. */
import { renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, type Page } from './browser.js';
import { type ChildServer, freePort, startChild } from './childServer.js';
import { type ServerOptions, startServer, type TestServer } from './server.js';

const SCRIPT = fileURLToPath(new URL('./upstreamProvider.mjs', import.meta.url));
const CLIENT = { client_id: 'this-server', client_secret: 'secret-of-this-server-at-the-upstream' };

/** What the upstream says of somebody. */
export type Claims = Record<string, unknown>;

export interface TestUpstream {
  readonly issuer: string;
  /** Says who somebody is from now on. */
  person(login: string, claims: Claims): Promise<void>;
  /** Has it issue id_tokens with a nonce that nobody sent. */
  wrongNonce(wrong: boolean): Promise<void>;
  /** Has it answer 401 at one of its endpoints, with the challenge that belongs there; nowhere when nothing is named. */
  refuseAt(endpoint?: 'token' | 'userinfo'): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the server under test with an upstream; the upstream second, since the server does not need it to start.
 * @param options of the server under test
 */
export const startWithUpstream = async (
  options: ServerOptions = {},
): Promise<{ server: TestServer; upstream: TestUpstream }> => {
  // By address and not by name: browsers keep cookies by host name, whatever the port.
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const server = await startServer({ ...options, env: { ...options.env, ...upstreamEnvironment(issuer) } });
  return { server, upstream: await startUpstream(issuer, server) };
};

/** What the server under test has to know of an upstream. */
export const upstreamEnvironment = (issuer: string): Record<string, string> => ({
  UPSTREAM_ISSUER: issuer,
  UPSTREAM_CLIENT_ID: CLIENT.client_id,
  UPSTREAM_CLIENT_SECRET: CLIENT.client_secret,
});

/** Starts an upstream for a server that was told of it. */
export const startUpstream = async (issuer: string, server: TestServer): Promise<TestUpstream> => {
  const redirectUri = `${server.issuer}/login/upstream/callback`;
  const folder = await mkdtemp(join(tmpdir(), 'upstream-test-'));
  const stateFile = join(folder, 'state.json');
  const state = { people: {} as Record<string, Claims>, wrongNonce: false, refusesAt: '' };
  /** At once and in one piece: the upstream reads it while others are still being written. */
  const save = async (): Promise<void> => {
    writeFileSync(`${stateFile}.new`, JSON.stringify(state));
    renameSync(`${stateFile}.new`, stateFile);
  };
  await save();
  const env = {
    UPSTREAM_URL: issuer,
    UPSTREAM_STATE: stateFile,
    UPSTREAM_CLIENT: JSON.stringify({ ...CLIENT, redirect_uris: [redirectUri] }),
  };
  const launch = (): Promise<ChildServer> => startChild([SCRIPT], env, `${issuer}/ready`);
  let running = await launch();
  return {
    issuer,
    person: async (login, claims) => {
      state.people[login] = claims;
      await save();
    },
    wrongNonce: async (wrong) => {
      state.wrongNonce = wrong;
      await save();
    },
    refuseAt: async (endpoint) => {
      state.refusesAt = endpoint ?? '';
      await save();
    },
    kill: () => running.kill(),
    start: async () => {
      running = await launch();
    },
    stop: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The link on a page that leads to the upstream. */
export const upstreamLink = (page: Page): URL => {
  const href = page.html.querySelector('a[href*="/login/upstream"]')?.getAttribute('href');
  if (!href) throw new Error(`No link to the upstream on ${page.url} (${page.status}):\n${page.html.textContent}`);
  return new URL(href, page.url);
};

/** Somebody with an account at the upstream, and a browser. */
export class UpstreamPerson {
  readonly browser = new Browser();

  constructor(readonly login: string) {}

  /** Follows the link of a page to the upstream: the address that the upstream is asked at. */
  async leave(page: Page): Promise<URL> {
    const { leftFor, status, html } = await this.browser.open(upstreamLink(page));
    if (!leftFor) throw new Error(`Not sent to the upstream (${status}):\n${html.textContent}`);
    return leftFor;
  }

  /** Signs in at the upstream where it asks, or presses another button: the address back, not opened yet. */
  async answer(url: URL, act: 'sign-in' | 'cancel' = 'sign-in'): Promise<URL> {
    const page = await this.browser.open(url);
    const asked = page.html.querySelector('input[name=login]') !== null;
    const after = asked ? await this.browser.submit(page, 'form', { login: this.login, act }) : page;
    if (!after.leftFor) throw new Error(`Not sent back: ${after.url} (${after.status})\n${after.html.textContent}`);
    return after.leftFor;
  }

  /** The whole way from a page with the link to the page behind it. */
  async signIn(page: Page): Promise<Page> {
    return this.browser.open(await this.answer(await this.leave(page)));
  }
}
