/** The web server of a client's vendor: serves client metadata documents over https, with a certificate of its own. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Answers one request. */
export type Answering = (response: ServerResponse) => void;

export interface DocumentHost {
  /** With its port, as the client policy and the consent page name it. */
  readonly host: string;
  /** For another server under the same name that the server under test trusts as well. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** The environment that makes a server under test trust its certificate. */
  readonly env: Record<string, string>;
  /** The headers of all requests so far for a path, in order. */
  requests(path: string): readonly IncomingHttpHeaders[];
  /** How many connections there were so far, also those on which nothing was asked. */
  connections(): number;
  /** The address of a path. */
  url(path: string): string;
  /** Answers a path from now on. */
  answer(path: string, answering: Answering): void;
  /**
   * Serves a document from now on.
   * @param document its fields beside `client_id`, or its exact text
   * @param headers beside the content type
   * @returns its address, which is the client id
   */
  serve(path: string, document: object | string, headers?: Record<string, string>): string;
  /** Refuses connections until {@link DocumentHost.up}. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** A client that asks for what any MCP client asks for. */
export const PLAIN_DOCUMENT = {
  client_name: 'Documented client',
  redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

/**
 * Starts it on a free port of localhost.
 * @param names further names in its certificate
 */
export const startDocumentHost = async (...names: readonly string[]): Promise<DocumentHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'document-host-'));
  const certificate = join(folder, 'certificate.pem');
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: ['localhost', ...names].map((value) => ({ type: 2, value })) }],
    // An RSA key would take longer than most tests that need one.
    keyType: 'ec',
  });
  await writeFile(certificate, cert);

  const answers = new Map<string, Answering>();
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const path = request.url ?? '/';
    seen.push({ path, headers: request.headers });
    const answering = answers.get(path);
    if (answering) answering(response);
    else response.writeHead(404).end();
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  const { port } = address;
  const host = `localhost:${port}`;

  return {
    host,
    tls: { key, cert },
    env: { NODE_EXTRA_CA_CERTS: certificate },
    requests: (path) => seen.filter((request) => request.path === path).map(({ headers }) => headers),
    connections: () => connections,
    url: (path) => `https://${host}${path}`,
    answer: (path, answering) => void answers.set(path, answering),
    serve: (path, document, headers = {}) => {
      const clientId = `https://${host}${path}`;
      const text = typeof document === 'string' ? document : JSON.stringify({ client_id: clientId, ...document });
      answers.set(path, (response) =>
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text),
      );
      return clientId;
    },
    down: close,
    up: () => listen(port),
    stop: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
