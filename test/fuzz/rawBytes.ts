/** Bytes on a socket that are hardly HTTP: smuggling, broken framing, odd versions, upgrades, noise. */
import fc from 'fast-check';
import type { FuzzRequest } from './requests.js';

const CRLF = '\r\n';
const line = fc.constantFrom(
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding : chunked',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 0x10',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5, 5',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Connection: Upgrade, HTTP2-Settings',
  'Connection: close, keep-alive',
  'Host: evil.example',
  'Host: a, b',
  ' folded: line',
  'no colon at all',
  `X: ${'x'.repeat(20_000)}`,
  `Cookie: ${'a=b; '.repeat(3_000)}`,
  'X-Forwarded-For: 1.2.3.4, [::1]',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
);
const version = fc.constantFrom(
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'ICAP/1.0',
  '',
);
const target = fc.constantFrom(
  '*',
  'http://evil.example/login',
  'evil.example:443',
  '/%',
  '/\x80',
  '//',
  'http://',
  'https://@/',
  '/?'.repeat(50),
);
const body = fc.oneof(
  fc.constantFrom(
    `5${CRLF}a=b&c${CRLF}0${CRLF}${CRLF}`,
    `ffffffffffffffff${CRLF}`,
    `0${CRLF}${CRLF}GET /account HTTP/1.1${CRLF}Host: x${CRLF}${CRLF}`,
    'a=b',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }),
);

/**
 * Bytes made of a request that may be in order.
 * @param request where they begin
 */
export const rawBytes = (request: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<Buffer> => {
  const broken = fc
    .tuple(
      request,
      version,
      fc.array(line, { minLength: 1, maxLength: 3 }),
      body,
      fc.option(target, { freq: 3, nil: undefined }),
    )
    .map(([{ method, target: own, headers }, protocol, lines, text, other]) => {
      const head = [
        `${method} ${other ?? own} ${protocol}`,
        'Host: localhost',
        ...headers.map(([n, v]) => `${n}: ${v}`),
        ...lines,
      ];
      return Buffer.from(`${head.join(CRLF)}${CRLF}${CRLF}${text}`, 'latin1');
    });
  const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const cut = fc.tuple(broken, fc.nat({ max: 400 })).map(([bytes, n]) => bytes.subarray(0, Math.max(1, n)));
  return fc.oneof({ weight: 5, arbitrary: broken }, { weight: 1, arbitrary: noise }, { weight: 2, arbitrary: cut });
};
