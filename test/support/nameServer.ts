/** A name server on loopback (RFC 1035): answers for the names that it knows, says of others that they do not exist, and leaves some without an answer. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const TYPES: Readonly<Record<number, (address: string) => boolean>> = {
  1: isIPv4,
  28: (address) => !isIPv4(address),
};
const HEADER_BYTES = 12;
const RESPONSE = 0x8180;
const NO_SUCH_NAME = 0x8183;

export interface NameServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** How many questions it got so far. */
  questions(): number;
  stop(): Promise<void>;
}

/**
 * Starts it.
 * @param addressesOf what a name resolves to; undefined when there is no such name, `silent` for no answer at all
 */
export async function startNameServer(
  addressesOf: (name: string) => readonly string[] | 'silent' | undefined,
): Promise<NameServer> {
  let questions = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    questions += 1;
    const { name, type, end } = questionIn(query);
    const known = addressesOf(name);
    if (known === 'silent') return;
    const found = (known ?? []).filter((address) => TYPES[type]?.(address) ?? false);
    const head = Buffer.from(query.subarray(0, HEADER_BYTES));
    head.writeUInt16BE(known ? RESPONSE : NO_SUCH_NAME, 2);
    for (const [n, count] of [1, found.length, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * n);
    const parts = [head, query.subarray(HEADER_BYTES, end), ...found.map((address) => answer(type, address))];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions: () => questions,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A record that points to the question's name, good for a minute. */
function answer(type: number, address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(HEADER_BYTES);
  for (const [n, value] of [0xc00c, type, 1, 0, 60, data.length].entries()) head.writeUInt16BE(value, 2 * n);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const [first, last] = [before, after].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  const bytes = Buffer.alloc(16);
  for (const [n, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * n);
  return bytes;
}
