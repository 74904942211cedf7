/**
 * Peers of this server's own requests that do something wrong at some point: hosts of metadata documents, the identity
 * provider, the mail server. Each request ends by its deadline, and nothing of it stays.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUpstream } from '../../src/accounts/upstream/openidProvider.js';
import { UpstreamSection, type UpstreamSettings } from '../../src/accounts/upstream/settings.js';
import { createMailer } from '../../src/mail.js';
import { anonymousMemory } from '../support/anonymousMemory.js';
import { form, request } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { RUDENESS, type Rudeness, type RudePeer, startRudePeer } from '../support/rudePeer.js';
import { startServer, type TestServer } from '../support/server.js';

const SECOND = 1_000;
/** What the code promises, and what a busy machine may take on top. */
const DOCUMENT_MS = 5 * SECOND;
const PROVIDER_MS = 5 * SECOND;
const MAIL_MS = 2 * SECOND;
const MARGIN_MS = 4 * SECOND;
const MOST_GROWTH = 24 * 1_048_576;

/** A response of HTTP that begins well and then goes wrong. */
const HTTP: Record<string, Rudeness> = {
  ...RUDENESS,
  'changes the protocol': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  'changes the protocol and closes': (socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  'only sends interim answers': (socket) => again(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
  'sends headers for ever': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    again(socket, 'x-header: x\r\n');
  },
  'sends one header for ever': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    again(socket, 'x'.repeat(64));
  },
  'stops after its headers': (socket) => socket.write(`${OK}content-length: 10\r\n\r\n`),
  'sends less than it said and closes': (socket) => socket.end(`${OK}content-length: 100\r\n\r\n{"a":`),
  'sends its body a letter at a time': (socket) => {
    socket.write(`${OK}content-length: 4000\r\n\r\n`);
    again(socket, ' ', 300);
  },
  'sends a body without an end': (socket) => {
    socket.write(`${OK}\r\n`);
    again(socket, ' '.repeat(1_024));
  },
  'sends broken chunks': (socket) => socket.write(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`),
  'sends chunks of nothing but extensions': (socket) => {
    socket.write(`${OK}transfer-encoding: chunked\r\n\r\n1;`);
    again(socket, 'x=y;'.repeat(16));
  },
  'has two lengths': (socket) => socket.write(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`),
  'leads elsewhere': (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
  'compresses what was asked for plainly': (socket) =>
    socket.end(`${OK}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`),
};
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

function again(socket: Parameters<Rudeness>[0], text: string, ms = 15): void {
  const timer = setInterval(() => socket.write(text), ms);
  socket.once('close', () => clearInterval(timer));
}

/** How long something took to end, one way or the other, in milliseconds. */
async function ends(doing: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await doing().catch(() => undefined);
  return performance.now() - from;
}

describe('The host of a metadata document', () => {
  let vendor: DocumentHost;
  let answering: RudePeer;
  let connecting: RudePeer[];
  let server: TestServer;
  beforeAll(async () => {
    vendor = await startDocumentHost();
    // Once TLS is up, the path says what it does.
    answering = await startRudePeer((socket) => {
      socket.once('data', (head: Buffer) => {
        const n = Number(/^GET \/(\d+)\//.exec(head.toString('latin1'))?.[1]);
        Object.values(HTTP)[n]?.(socket);
      });
    }, vendor.tls);
    // Before TLS is up.
    connecting = await Promise.all(Object.values(RUDENESS).map((rudeness) => startRudePeer(rudeness)));
    const ports = [answering, ...connecting].map(({ port }) => port);
    const often = { events: 100_000, seconds: 1 };
    server = await startServer({
      env: vendor.env,
      config: {
        ...(await configFor(RESOURCE)),
        clientPolicy: {
          metadataDocuments: {
            privateHosts: [vendor.host, ...ports.map((port) => `localhost:${port}`)],
            fetchesPerMinute: { perHost: 10_000, inAll: 10_000 },
          },
        },
        limits: { rates: { unknownDocumentPerAddress: often } },
      },
    });
  });
  afterAll(async () => {
    await server?.stop();
    await Promise.all([vendor, answering, ...(connecting ?? [])].map((one) => one?.stop()));
  });

  const authorize = (clientId: string) =>
    request(
      `${server.url('/authorize')}?${form({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: 'http://localhost/callback',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      })}`,
    );
  const clients = (round: string): [what: string, clientId: string][] => [
    ...Object.keys(HTTP).map((what, n): [string, string] => [
      what,
      `https://localhost:${answering.port}/${n}/${round}.json`,
    ]),
    ...Object.keys(RUDENESS).map((what, n): [string, string] => [
      `${what} before TLS is up`,
      `https://localhost:${connecting[n]?.port}/${round}.json`,
    ]),
  ];
  const tooLate = async (round: string): Promise<string[]> => {
    const asked = clients(round).map(async ([what, clientId]) => {
      const from = performance.now();
      const { status } = await authorize(clientId);
      const ms = performance.now() - from;
      return status === 400 && ms < DOCUMENT_MS + MARGIN_MS ? [] : [`${what}: ${status} after ${Math.round(ms)} ms`];
    });
    return (await Promise.all(asked)).flat();
  };

  test('is given up by the deadline whatever it does, and asked again by the next request', async () => {
    // The same clients twice: a fetch that stays under way would hold up each later request for its client.
    expect(await tooLate('same')).toEqual([]);
    expect(await tooLate('same')).toEqual([]);
  }, 60_000);

  test('leaves no connection and no memory behind', async () => {
    const { pid = 0 } = server.process();
    await tooLate('warm');
    const before = anonymousMemory(pid);
    await tooLate('after');
    const left = await Promise.all([answering, ...connecting].map((peer) => peer.isIdle()));
    expect(left).toEqual(left.map(() => true));
    expect(anonymousMemory(pid) - before).toBeLessThan(MOST_GROWTH);
  }, 90_000);

  test('has its document used as soon as it answers well', async () => {
    const path = '/recovering.json';
    vendor.answer(path, (response) => response.destroy());
    expect((await authorize(vendor.url(path))).status).toBe(400);
    expect((await authorize(vendor.serve(path, PLAIN_DOCUMENT))).status).toBe(303);
  });
});

describe('The identity provider', () => {
  const SETTINGS = (issuer: string): UpstreamSettings => ({
    ...UpstreamSection.parse({}),
    name: 'Company',
    issuer,
    clientId: 'this-server',
    clientSecret: 'secret',
  });
  const PROOFS = { state: 'state', nonce: 'nonce', codeVerifier: 'v'.repeat(43) };

  /** What it knows of the two addresses that it says well, before it does something wrong at a third. */
  const startProvider = async (wrongAt: string, rudeness: Rudeness): Promise<RudePeer> => {
    const provider = await startRudePeer((socket) => {
      socket.once('data', (head: Buffer) => {
        const [, path = ''] = /^\w+ (\S+)/.exec(head.toString('latin1')) ?? [];
        if (path.startsWith(wrongAt)) return rudeness(socket);
        const issuer = `http://127.0.0.1:${provider.port}`;
        const body = JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
        });
        socket.end(`${OK}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
    });
    return provider;
  };

  test('is given up by the deadline whatever it does at discovery and at the token endpoint, and leaves no connection', async () => {
    const tries = ['/.well-known/openid-configuration', '/token'].flatMap((wrongAt) =>
      Object.entries(HTTP).map(([what, rudeness]) => ({ wrongAt, what, rudeness })),
    );
    const asked = tries.map(async ({ wrongAt, what, rudeness }) => {
      const provider = await startProvider(wrongAt, rudeness);
      const issuer = `http://127.0.0.1:${provider.port}`;
      const upstream = createUpstream(SETTINGS(issuer));
      const callback = new URL(`http://localhost:3000/login/upstream/callback?code=x&state=state&iss=${issuer}`);
      const ms = await ends(() => upstream.identity(callback, PROOFS));
      const idle = await provider.isIdle();
      await provider.stop();
      return idle && ms < PROVIDER_MS + MARGIN_MS ? [] : [`${wrongAt} ${what}: ${Math.round(ms)} ms, idle ${idle}`];
    });
    expect((await Promise.all(asked)).flat()).toEqual([]);
  }, 60_000);
});

describe('The mail server', () => {
  /** A conversation that goes well up to a point. */
  const STAGES = ['', 'EHLO', 'MAIL', 'RCPT', 'DATA', '\r\n.\r\n'];
  const ANSWERS: readonly (readonly [RegExp, string])[] = [
    [/^EHLO /m, '250-mail.test\r\n250 8BITMIME\r\n'],
    [/^MAIL /m, '250 Ok\r\n'],
    [/^RCPT /m, '250 Ok\r\n'],
    [/^DATA/m, '354 Go on\r\n'],
  ];

  const conversation =
    (wrongAt: string, rudeness: Rudeness): Rudeness =>
    (socket) => {
      if (wrongAt === '') return rudeness(socket);
      socket.write('220 mail.test\r\n');
      let done = false;
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        if (done) return;
        if (text.includes(wrongAt)) {
          done = true;
          return rudeness(socket);
        }
        for (const [command, answer] of ANSWERS) if (command.test(text)) socket.write(answer);
      });
    };

  test('is given up by the deadline whatever it does at any point of the conversation, and leaves no connection', async () => {
    const tries = STAGES.flatMap((stage) =>
      Object.entries(RUDENESS).map(([what, rudeness]) => ({ stage, what, rudeness })),
    );
    const asked = tries.map(async ({ stage, what, rudeness }) => {
      const peer = await startRudePeer(conversation(stage, rudeness));
      const mailer = await createMailer(
        `smtp://127.0.0.1:${peer.port}?from=a@auth.test`,
        'http://localhost:3000',
        MAIL_MS,
      );
      const ms = await ends(async () => mailer?.send({ to: 'ada@example.com', subject: 'S', text: 'T' }));
      const idle = await peer.isIdle();
      await peer.stop();
      return idle && ms < MAIL_MS + MARGIN_MS ? [] : [`${stage} ${what}: ${Math.round(ms)} ms, idle ${idle}`];
    });
    expect((await Promise.all(asked)).flat()).toEqual([]);
  }, 60_000);
});
