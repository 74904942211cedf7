/** X-Forwarded-For as the proxies in use write it: with ports, brackets and quotation marks. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { logged } from '../support/logged.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: '1', LOG_LEVEL: 'info' } });
});
afterAll(() => server?.stop());

/** The address that the log names for a request with this header. */
async function addressFor(forwardedFor: string): Promise<string> {
  const headers = { 'x-forwarded-for': forwardedFor };
  const answer = await request(server.url('/token'), { method: 'POST', headers, body: 'client_id=unknown' });
  const line = await logged(server, answer.headers.get('x-request-id') ?? 'no request id');
  return (JSON.parse(line) as { ip: string }).ip;
}

test.each([
  ['nginx, HAProxy, Envoy, Cloudflare', '203.0.113.7', '203.0.113.7'],
  ['the same with IPv6', '2001:db8::7', '2001:db8::7'],
  ['IPv4 with the client port (Azure Application Gateway, AWS with client ports)', '203.0.113.7:51234', '203.0.113.7'],
  ['IPv6 in brackets with a port', '[2001:db8::7]:51234', '2001:db8::7'],
  ['IPv6 in brackets', '[2001:db8::7]', '2001:db8::7'],
  ['all eight groups and a port without brackets', '2001:db8:0:0:0:0:0:7:51234', '2001:db8:0:0:0:0:0:7'],
  ['quotation marks (RFC 7239, section 4)', '"[2001:db8::7]:51234"', '2001:db8::7'],
  ['a hidden port (RFC 7239, section 6.2)', '203.0.113.7:_port1', '203.0.113.7'],
  ['IPv6 with a zone', 'fe80::7%eth0', 'fe80::7'],
  ['what the client wrote before the proxy did', '198.51.100.1:1, 203.0.113.7:51234', '203.0.113.7'],
  ['no blank after the comma', '198.51.100.1,[2001:db8::7]:51234', '2001:db8::7'],
])('%s', async (_proxy, header, address) => {
  expect(await addressFor(header)).toBe(address);
});

test.each([
  'unknown',
  '_hidden',
  '"_hidden:_port"',
  '203.0.113.7:',
  '203.0.113.777:80',
  '[203.0.113.7',
  'evil.example',
])('an entry that names no address, %s, leaves the address of the connection', async (header) => {
  expect(await addressFor(header)).toMatch(/^(::ffff:)?127\.0\.0\.1$|^::1$/);
});
