/** The address that a request came from, behind as many proxies as the operator trusts. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The X-Forwarded-For entry that the outermost trusted proxy wrote, else the address of the connection. An entry can
 * have a port, brackets and quotation marks, as proxies write it (RFC 7239 §6 has all three).
 * @param hops how many proxies are trusted (TRUST_PROXY)
 * @returns an IPv4 or IPv6 address without port, brackets and zone
 */
export function clientAddress({ headers, socket }: IncomingMessage, hops: number): string {
  return forwardedAddress(headers['x-forwarded-for'], hops) ?? socket.remoteAddress ?? '';
}

function forwardedAddress(forwardedFor: string | string[] | undefined, hops: number): string | undefined {
  if (hops === 0 || forwardedFor === undefined) return undefined;
  const entries = [forwardedFor].flat().join(',').split(',');
  return addressIn(entries.at(-Math.min(hops, entries.length)) ?? '');
}

/** A port, or in its place what a proxy hides it behind (RFC 7239 §6.2). */
const PORT = /:(\d{1,5}|_[\w.-]+)$/;

/** @returns undefined for `unknown`, for an identifier that hides the address (RFC 7239 §6.3), and for anything else */
function addressIn(entry: string): string | undefined {
  const node = entry.trim().replace(/^"(.*)"$/, '$1');
  // An IPv6 address without brackets ends like a port, so the whole text comes first.
  const addresses = [node, node.replace(PORT, '')].map((text) =>
    text.replace(/^\[([^\]]*)\]$/, '$1').replace(/%.*$/, ''),
  );
  return addresses.find((address) => isIP(address) !== 0);
}
