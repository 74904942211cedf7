/** Sends what was made up, and says what came back. */
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { FuzzRequest } from './requests.js';

/** Longer than anything takes that the server is not waiting for itself. */
const ANSWERED_WITHIN_MS = 15_000;
/** A socket on which the server waits for more is closed from this side. */
const RAW_MS = 300;

export const newAgent = (sockets: number): Agent => new Agent({ keepAlive: true, maxSockets: sockets });

/** The status of the answer; an error when there is none. */
export async function sendRequest(
  port: number,
  agent: Agent,
  { method, target, headers, body }: FuzzRequest,
): Promise<number> {
  const sent: Record<string, string | number> = Object.fromEntries(headers);
  // What these ask for is a matter of the protocol, and of the raw sockets.
  for (const name of ['expect', 'upgrade', 'te']) delete sent[name];
  const hasBody = body !== undefined && !['GET', 'HEAD'].includes(method);
  if (hasBody) sent['content-length'] = body.length;
  const asked = httpRequest({
    host: '127.0.0.1',
    port,
    agent,
    method,
    path: target,
    headers: sent,
    timeout: ANSWERED_WITHIN_MS,
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer')));
  asked.end(hasBody ? body : undefined);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode ?? 0;
}

/** The statuses of all answers to raw bytes, of which there may be none. */
export async function sendBytes(port: number, bytes: Buffer): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.setTimeout(RAW_MS, () => socket.destroy());
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  const text = Buffer.concat(chunks).toString('latin1');
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
