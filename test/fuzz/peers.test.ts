/**
 * Hosts of metadata documents and of clients' keys, identity providers and mail servers that do random wrong things at each point of an
 * exchange: no request outlives its deadline, and none leaves a connection or memory.
 */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer, get, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createUpstream } from '../../src/accounts/upstream/openidProvider.js';
import { UpstreamRefusal } from '../../src/accounts/upstream/refusal.js';
import { UpstreamSection } from '../../src/accounts/upstream/settings.js';
import { createMailer } from '../../src/mail.js';
import { anonymousMemory } from '../support/anonymousMemory.js';
import { freePort } from '../support/childServer.js';
import { TestClient } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { counts, longest, seedFrom } from '../support/counts.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { startServer, type TestServer } from '../support/server.js';
import { asserted, newClientKey, SigningClient } from '../support/signingClient.js';
import { httpScript, mailScript, startWrongHttp, startWrongMail, type WrongPeer } from './wrongPeer.js';

const seed = seedFrom('PEERS_SEED');
/** So many peers of each kind at once. */
const AT_ONCE = 60;
const DOCUMENT_MS = 5_000;
const PROVIDER_MS = 10_000;
const MAIL_MS = 2_000;
/** What a busy machine may take on top. */
const MARGIN_MS = 5_000;
const MOST_GROWTH = 24 * 1_048_576;
const GONE_WITHIN_MS = 10_000;

let vendor: DocumentHost;
let server: TestServer;
/** Hosts of documents and keys have to be known to the operator before the server starts: a port of each for each round. */
let ports: number[];
beforeAll(async () => {
  vendor = await startDocumentHost();
  ports = await Promise.all(Array.from({ length: 2 * (counts.peerRounds + 1) }, () => freePort()));
  const metadataDocuments = {
    privateHosts: [vendor.host, ...ports.map((port) => `localhost:${port}`)],
    fetchesPerMinute: { perHost: 100_000, inAll: 100_000 },
  };
  server = await startServer({
    config: { ...(await configFor(RESOURCE)), clientPolicy: { metadataDocuments } },
    env: { ...vendor.env, LOG_LEVEL: 'error' },
  });
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
});

/** How many sockets a process has open. */
function sockets(pid: number | string): number {
  const isSocket = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // It was closed since.
      return false;
    }
  };
  return readdirSync(`/proc/${pid}/fd`).filter(isSocket).length;
}

async function fallsTo(most: number, pid: number | string): Promise<number> {
  const until = performance.now() + GONE_WITHIN_MS;
  while (sockets(pid) > most && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
  return sockets(pid);
}

interface Ended {
  readonly ms: number;
  readonly outcome: unknown;
}

/** How something ended, and after how many milliseconds. */
async function ended(doing: () => Promise<unknown>): Promise<Ended> {
  const from = performance.now();
  const outcome = await doing().catch((error: unknown) => error);
  return { ms: performance.now() - from, outcome };
}

/**
 * Asks a peer once for each of its scripts, all at once.
 * @param ask does it for the nth script
 * @returns what went wrong
 */
async function ask(
  what: string,
  peer: WrongPeer,
  deadlineMs: number,
  asking: (n: number) => Promise<unknown>,
  isRight: (outcome: unknown) => boolean,
): Promise<string[]> {
  const all = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => ended(() => asking(n))));
  // While the peer still runs: what is open now this server has left open.
  const open = await peer.open();
  await peer.stop();
  const wrong = all.flatMap(({ ms, outcome }, n) =>
    ms < deadlineMs + MARGIN_MS && isRight(outcome) ? [] : [`${what} ${n}: ${outcome} after ${Math.round(ms)} ms`],
  );
  return open === 0 ? wrong : [...wrong, `${what}: ${open} connections left`];
}

const authorizeUrl = (clientId: string): string =>
  TestClient.known(server, clientId, 'http://localhost/callback').authorize().url;

/** Asks on a connection of its own, so that none of these is taken for one that was left open. */
const statusOf = (url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode));
    }).once('error', reject);
  });

interface Posted {
  readonly status: number | undefined;
  readonly text: string;
}

/** Posts on a connection of its own. */
const post = (path: string, contentType: string, body: string): Promise<Posted> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType };
    request(server.url(path), { method: 'POST', headers, agent: false }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode, text: said }), reject);
    })
      .once('error', reject)
      .end(body);
  });

async function documents(round: number): Promise<string[]> {
  const peer = await startWrongHttp(scriptsOf(httpScript, round), vendor.tls, ports[2 * round]);
  const authorize = (n: number): Promise<unknown> =>
    statusOf(authorizeUrl(`https://localhost:${peer.port}/${round}/${n}.json`));
  return ask('document', peer, DOCUMENT_MS, authorize, (status) => status === 400);
}

async function keySets(round: number): Promise<string[]> {
  const peer = await startWrongHttp(scriptsOf(httpScript, round), vendor.tls, ports[2 * round + 1]);
  const key = await newClientKey();
  const registered = (n: number): Promise<Posted> => {
    const metadata = {
      redirect_uris: ['http://localhost/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `https://localhost:${peer.port}/${round}/${n}.json`,
    };
    return post('/register', 'application/json', JSON.stringify(metadata));
  };
  const signIn = async (n: number): Promise<unknown> => {
    const { client_id } = JSON.parse((await registered(n)).text) as { client_id: string };
    const assertion = await new SigningClient(server, client_id, key).assertion();
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', ...asserted(assertion) });
    return (await post('/token', 'application/x-www-form-urlencoded', form.toString())).status;
  };
  return ask('key set', peer, DOCUMENT_MS, signIn, (status) => status === 401 || status === 503);
}

/** What an identity provider says rightly before it goes wrong: nothing, where its endpoints are, or also a token. */
const PROVIDER_STAGES = ['discovery', 'token', 'keys'] as const;

async function providers(stage: (typeof PROVIDER_STAGES)[number], round: number): Promise<string[]> {
  const peer = await startWrongHttp(scriptsOf(httpScript, round));
  const wrong = `http://127.0.0.1:${peer.port}`;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const right = createServer((asked, response) => {
    const issuer = `http://${asked.headers.host}`;
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: 'this-server', sub: 'ada', nonce: 'nonce', iat: now, exp: now + 600 };
    const said = asked.url?.startsWith('/token')
      ? {
          access_token: 'x',
          token_type: 'Bearer',
          id_token: `${part({ alg: 'RS256', kid: '1' })}.${part(claims)}.${'A'.repeat(342)}`,
        }
      : {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${stage === 'token' ? wrong : issuer}/token`,
          jwks_uri: `${wrong}/keys`,
        };
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(said));
  }).listen(0, '127.0.0.1');
  await once(right, 'listening');
  const issuer = stage === 'discovery' ? wrong : `http://127.0.0.1:${(right.address() as AddressInfo).port}`;
  const identity = (): Promise<unknown> => {
    const settings = {
      ...UpstreamSection.parse({}),
      name: 'Company',
      issuer,
      clientId: 'this-server',
      clientSecret: 's',
    };
    const back = new URL(`http://localhost:3000/login/upstream/callback?code=x&state=state&iss=${issuer}`);
    return createUpstream(settings).identity(back, { state: 'state', nonce: 'nonce', codeVerifier: 'v'.repeat(43) });
  };
  const wrongs = await ask(stage, peer, PROVIDER_MS, identity, (outcome) => outcome instanceof UpstreamRefusal);
  await new Promise((resolve) => right.close(resolve));
  return wrongs;
}

async function mails(fromTheStart: boolean, round: number): Promise<string[]> {
  const peer = await startWrongMail(scriptsOf(mailScript, round), vendor.tls, fromTheStart);
  const url = `${fromTheStart ? 'smtps' : 'smtp'}://localhost:${peer.port}?from=a@auth.test&tls.rejectUnauthorized=false`;
  const mailer = await createMailer(url, 'http://localhost:3000', MAIL_MS);
  const send = async () => mailer?.send({ to: 'ada@example.com', subject: 'Subject', text: 'Text' });
  // A script whose wrong replies come later than the message is taken.
  const isRight = (outcome: unknown): boolean =>
    outcome === undefined || typeof (outcome as { message?: unknown }).message === 'string';
  return ask(fromTheStart ? 'smtps' : 'smtp', peer, MAIL_MS, send, isRight);
}

const scriptsOf = <S>(scripts: fc.Arbitrary<S>, round: number): S[] =>
  fc.sample(scripts, { numRuns: AT_ONCE, seed: seed + round });

const all = async (round: number): Promise<string[]> =>
  (
    await Promise.all([
      documents(round),
      keySets(round),
      ...PROVIDER_STAGES.map((stage) => providers(stage, round)),
      mails(false, round),
      mails(true, round),
    ])
  ).flat();

test(
  `no request outlives its deadline, whatever its peer does (seed ${seed})`,
  async () => {
    const { pid = 0 } = server.process();
    const before = { theirs: sockets(pid), ours: sockets('self') };
    expect(await all(0)).toEqual([]);
    const memory = anonymousMemory(pid);
    for (let round = 1; round <= counts.peerRounds; round++) expect(await all(round)).toEqual([]);
    // The peers are gone, so that what is open belongs to a request that did not end.
    expect(await fallsTo(before.theirs, pid)).toBeLessThanOrEqual(before.theirs);
    expect(await fallsTo(before.ours, 'self')).toBeLessThanOrEqual(before.ours);
    expect(anonymousMemory(pid) - memory).toBeLessThan(MOST_GROWTH);
    expect(await statusOf(authorizeUrl(vendor.serve('/good.json', PLAIN_DOCUMENT)))).toBe(303);
  },
  longest,
);
