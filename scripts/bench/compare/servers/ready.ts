/** What the programs of this folder share: their input comes on stdin, and a line on stdout says that they listen. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Asked } from '../contestant.js';

/** The input of a program; the harness, which starts it, is trusted to send the right kind. */
export const input = async <T>(): Promise<T> => JSON.parse(await text(process.stdin)) as T;

/** Listens on a free port of loopback and says so. */
export function listening(listener: RequestListener, asked: readonly Asked[]): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ port, asked })}\n`);
  });
  process.once('SIGTERM', () => {
    // Some of these programs have databases open, which would keep them running.
    server.close(() => process.exit());
    server.closeAllConnections();
  });
}
