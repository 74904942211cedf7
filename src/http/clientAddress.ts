/** The address that a request came from, behind as many proxies as the operator trusts. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The X-Forwarded-For entry that the outermost trusted proxy wrote (RFC 7239 §5.2), else the address of the connection.
 * @param hops how many proxies are trusted (TRUST_PROXY)
 */
export function clientAddress({ headers, socket }: IncomingMessage, hops: number): string {
  return forwardedAddress(headers['x-forwarded-for'], hops) ?? socket.remoteAddress ?? '';
}

function forwardedAddress(forwardedFor: string | string[] | undefined, hops: number): string | undefined {
  if (hops === 0 || forwardedFor === undefined) return undefined;
  const addresses = [forwardedFor]
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim());
  const address = addresses.at(-Math.min(hops, addresses.length)) ?? '';
  return isIP(address) === 0 ? undefined : address;
}
