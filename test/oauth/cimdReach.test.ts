/** The way out to the hosts of metadata documents: what people and the operator are told without one, and HTTPS_PROXY as one. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'node-html-parser';
import { proxyOnTheWayTo } from '../../src/lib/outboundProxy.js';
import { request, TestClient } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { runCommand } from '../support/command.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { startServer, type TestServer } from '../support/server.js';

const FAKE_DNS = new URL('../support/fakeDns.mjs', import.meta.url).pathname;
const PUBLIC = '93.184.216.34';
const NAMES = {
  'client.attack.test': [[PUBLIC]],
  'client6.attack.test': [['2606:4700:4700::1111']],
  'other.attack.test': [[PUBLIC]],
  'direct.attack.test': [[PUBLIC]],
  'inside.attack.test': [['10.0.0.1']],
  'mixed.attack.test': [[PUBLIC, '127.0.0.1']],
  'gone.attack.test': [[]],
};
const SECRET = 'the-password-of-the-proxy';

let vendor: DocumentHost;
let proxy: Server;
let proxyUrl: string;
/** What the proxy was asked for, and how it answers: to all tunnels the vendor is behind. */
const asked: { authority: string | undefined; authorization: string | undefined; socket: Socket }[] = [];
let answering: 'tunnel' | 'refusal' | 'silence' = 'tunnel';
let server: TestServer;

const configWith = async (metadataDocuments: object) => ({
  ...(await configFor(RESOURCE)),
  clientPolicy: {
    metadataDocuments: { fetchesPerMinute: { perHost: 1_000, inAll: 1_000 }, ...metadataDocuments },
  },
});
const settings = () => ({ ...vendor.env, FAKE_DNS: JSON.stringify(NAMES), SUPPORT_URL: 'https://help.example/' });

beforeAll(async () => {
  vendor = await startDocumentHost('client.attack.test', 'client6.attack.test');
  proxy = createServer();
  proxy.on('connect', (incoming, socket: Socket) => {
    const { url: authority, headers } = incoming;
    asked.push({ authority, authorization: headers['proxy-authorization'], socket });
    socket.on('error', () => undefined);
    // Sockets of an HTTP server stay half open, and one that is not read from does not notice the other side's end.
    socket.on('end', () => socket.end());
    if (answering !== 'tunnel') socket.resume();
    if (answering === 'silence') return;
    if (answering === 'refusal') return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const onward = connect(Number(vendor.host.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    }).on('error', () => socket.destroy());
    // Nothing reads from the socket any more once the other one is closed.
    onward.on('close', () => socket.resume());
    socket.on('close', () => onward.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxyUrl = `http://someone:${SECRET}@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  server = await startServer({
    config: await configWith({ privateHosts: [vendor.host], checkHost: 'client.attack.test' }),
    env: { ...settings(), HTTPS_PROXY: proxyUrl, NO_PROXY: 'other.example, .direct.attack.test' },
    preload: [FAKE_DNS],
  });
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
  proxy?.closeAllConnections();
  proxy?.close();
});
beforeEach(() => {
  asked.length = 0;
  answering = 'tunnel';
});

let paths = 0;
/** The address of a new document at a host that only the proxy leads to. */
const documentAt = (host: string, document: object = PLAIN_DOCUMENT): string => {
  const path = `/${++paths}/client.json`;
  const clientId = `https://${host}${path}`;
  vendor.serve(path, JSON.stringify({ client_id: clientId, ...document }));
  return clientId;
};
const authorize = async (clientId: string, on = server) => {
  const answer = await request(TestClient.known(on, clientId, 'http://localhost/callback').authorize().url, {
    headers: { accept: 'text/html' },
  });
  const html = parse(answer.text);
  const reference = html.querySelector('.reference')?.textContent ?? 'none';
  return { status: answer.status, html, text: html.textContent.replace(/\s+/g, ' '), reference };
};
/** The line of the log with a reference. */
const logged = async (reference: string, on = server): Promise<Record<string, unknown>> => {
  for (;;) {
    const line = on
      .output()
      .split('\n')
      .find((each) => each.startsWith('{') && each.includes(reference));
    if (line) return JSON.parse(line) as Record<string, unknown>;
    await sleep(20);
  }
};

describe('By way of HTTPS_PROXY', () => {
  test('a document is fetched through a tunnel to the address that was checked here, under the name of its host', async () => {
    const clientId = documentAt('client.attack.test');
    expect((await authorize(clientId)).status).toBe(303);
    expect(asked.map(({ authority }) => authority)).toEqual([`${PUBLIC}:443`]);
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from(`someone:${SECRET}`).toString('base64')}`);
    expect(vendor.requests(new URL(clientId).pathname)[0]?.host).toBe('client.attack.test');
    // Nothing is left behind.
    for (const { socket } of asked) if (!socket.closed) await once(socket, 'close');
    expect((await authorize(documentAt('client6.attack.test'))).status).toBe(303);
    expect(asked[1]?.authority).toBe('[2606:4700:4700::1111]:443');
  });

  test.each(['inside.attack.test', 'mixed.attack.test', 'localhost'])(
    'no tunnel is asked for to %s, whose address is not public',
    async (host) => {
      const page = await authorize(documentAt(host));
      expect(page.status).toBe(400);
      expect(page.text).toContain('outside the public internet');
      expect(page.text).toContain('Tell the operator of this server');
      expect(page.text).not.toMatch(/10\.0\.0\.1|127\.0\.0\.1/);
      expect(asked).toEqual([]);
    },
  );

  test('the certificate has to be that of the name', async () => {
    const page = await authorize(documentAt('other.attack.test'));
    expect(page.status).toBe(400);
    expect(page.text).toContain('This server could not reach the host other.attack.test');
    expect(asked).toHaveLength(1);
    expect((await logged(page.reference)).detail).toContain("does not match certificate's altnames");
  });

  test('a proxy that refuses, and one that never answers: people are told whom to ask, the log why', async () => {
    for (const [how, why] of [
      ['refusal', /^the proxy 127\.0\.0\.1:\d+ answered the request for a tunnel with 407$/],
      ['silence', /^there was no complete answer within 5 s$/],
    ] as const) {
      answering = how;
      const page = await authorize(documentAt('client.attack.test'));
      expect(page.status).toBe(400);
      expect(page.text).toContain('This server could not reach the host client.attack.test');
      expect(page.text).not.toMatch(/proxy|407|127\.0\.0\.1/);
      expect((await logged(page.reference)).detail).toMatch(why);
    }
    for (const { socket } of asked) if (!socket.closed) await once(socket, 'close');
    expect(server.output()).not.toContain(SECRET);
  });

  test('hosts of privateHosts are reached directly', async () => {
    const clientId = vendor.serve('/private/client.json', PLAIN_DOCUMENT);
    expect((await authorize(clientId)).status).toBe(303);
    expect(asked).toEqual([]);
  });

  test('NO_PROXY names hosts that are reached directly, each with all below it', () => {
    const url = new URL('http://proxy.example:3128');
    const way = (address: string, ...except: string[]) => proxyOnTheWayTo(new URL(address), { url, except });
    expect(way('https://client.example/', 'other.example')).toBe(url);
    expect(way('https://client.example/', 'ent.example', 'nt.example:443')).toBe(url);
    for (const entry of ['client.example', '.example', 'Example', '*.example', '*'])
      expect(`${entry} ${way('https://client.example/', entry)}`).toBe(`${entry} undefined`);
    expect(way('https://client.example:8443/', 'client.example:8443')).toBeUndefined();
    expect(proxyOnTheWayTo(new URL('https://client.example/'), undefined)).toBeUndefined();
  });

  test('the start says that https gets out', async () => {
    while (!server.output().includes('outbound https')) await sleep(20);
    expect(server.output()).toMatch(
      /outbound https: client\.attack\.test answers by way of the proxy 127\.0\.0\.1:\d+/,
    );
  });
});

describe('What the person is told', () => {
  const reason = async (clientId: string, answer?: { status: number; type?: string; body?: string }) => {
    if (answer)
      vendor.answer(new URL(clientId).pathname, (response) =>
        response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/html' }).end(answer.body),
      );
    return authorize(clientId);
  };

  test('no name: this server could not reach the host, the operator is to be told, and no resolver speaks', async () => {
    const page = await authorize(documentAt('gone.attack.test'));
    expect(page.status).toBe(400);
    expect(page.text).toContain('This server could not reach the host gone.attack.test to read the description');
    expect(page.text).toContain('Tell the operator of this server, with the reference below');
    expect(page.text).not.toMatch(/looked up|ENODATA|query/);
    expect(page.html.querySelector('a[href="https://help.example/"]')?.textContent).toBe('ask for help');
    expect(await logged(page.reference)).toMatchObject({
      status: 400,
      refusal: 'invalid_client_metadata',
      detail: 'gone.attack.test cannot be looked up (ENODATA)',
    });
  });

  test('no connection: the same, without its address', async () => {
    const clientId = vendor.url('/away/client.json');
    await vendor.down();
    try {
      const page = await authorize(clientId);
      expect(page.text).toContain(`This server could not reach the host ${vendor.host}`);
      expect(page.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|::1/);
      expect((await logged(page.reference)).detail).toMatch(/ECONNREFUSED/);
      // Programs read the same words.
      const { url } = TestClient.known(server, clientId, 'http://localhost/callback').authorize();
      const { json } = await request(url, { headers: { accept: 'application/json' } });
      expect(json.error).toBe('invalid_client_metadata');
      expect(json.error_description).toMatch(/^This server could not reach the host/);
      expect(JSON.stringify(json)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
    } finally {
      await vendor.up();
    }
  });

  test('another answer than a document: the host is at fault, and what it answered is said', async () => {
    const page = await reason(vendor.url('/busy/client.json'), { status: 503 });
    expect(page.text).toContain(
      `the host ${vendor.host} did not answer with a document; the answer has status 503, and must have 200`,
    );
    expect(page.text).toContain('Wait a minute and connect again');
    expect(page.text).not.toContain('Tell the operator');
  });

  test('a document that is not acceptable: its makers are to mend it', async () => {
    const body = JSON.stringify({ client_id: 'https://elsewhere.example/' });
    const page = await reason(vendor.url('/wrong/client.json'), { status: 200, type: 'application/json', body });
    expect(page.text).toContain('Ask the makers of the client to mend that');
    expect(page.text).not.toMatch(/did not answer|could not reach|Tell the operator/);
  });
});

describe('--check', () => {
  const check = async (metadataDocuments: object, env: Record<string, string> = {}) => {
    const file = `${server.dataDir}-check-${++paths}.json`;
    await writeFile(file, JSON.stringify(await configWith(metadataDocuments)));
    return runCommand(['--import', FAKE_DNS, 'dist/main.js', '--check'], {
      ...settings(),
      DATA_DIR: `${server.dataDir}-none`,
      CONFIG_FILE: file,
      ...env,
    });
  };

  test('asks no host unless one is named', async () => {
    const { code, out } = await check({}, { HTTPS_PROXY: proxyUrl });
    expect({ code, said: out.includes('outbound') }).toEqual({ code: 0, said: false });
    expect(asked).toEqual([]);
  });

  test('says that the named host answers, or why it cannot be reached and what then', async () => {
    const reached = await check({ checkHost: 'client.attack.test' }, { HTTPS_PROXY: proxyUrl });
    expect(reached.out).toMatch(/^ok {2}outbound https: client\.attack\.test answers by way of the proxy 127/m);
    const gone = await check({ checkHost: 'gone.attack.test' });
    expect(gone.out).toMatch(
      /^warning: outbound https: gone\.attack\.test cannot be reached: .*ENODATA.*metadataDocuments\.enabled to false\.$/m,
    );
    expect([reached.code, gone.code]).toEqual([0, 0]);
    expect(reached.out + reached.err).not.toContain(SECRET);
    const wrong = await check({}, { HTTPS_PROXY: 'proxy.example:3128' });
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringContaining('HTTPS_PROXY must be an http:// or https://'),
    });
  });
});
