/** Bytes straight onto the server's socket: what no HTTP library would send. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 when the server closed the connection without an answer. */
  readonly status: number;
  /** Status line and headers, as they came. */
  readonly head: string;
  readonly body: string;
}

/** Longer than any answer takes; a connection that stays open is closed from this side. */
const ANSWERED_WITHIN_MS = 5_000;

/**
 * Sends bytes on a connection of their own and reads until the server closes it.
 * @param port of the server on this machine
 * @param parts sent one after the other; send `Connection: close`, so that the server closes
 */
export const sendRaw = async (port: number, ...parts: (string | Uint8Array)[]): Promise<RawAnswer> => {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  socket.setTimeout(ANSWERED_WITHIN_MS, () => socket.destroy());
  // The server may close while there is still something to send; what it answered before is what counts.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) socket.write(part);
  await closed;
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
};

/** A request as text, closed after its answer. */
export const rawRequest = (
  method: string,
  target: string,
  headers: readonly string[],
  body: string | undefined = undefined,
): string =>
  [
    `${method} ${target} HTTP/1.1`,
    ...(headers.some((line) => /^host:/i.test(line)) ? [] : ['Host: localhost']),
    'Connection: close',
    ...headers,
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body ?? '',
  ].join('\r\n');
