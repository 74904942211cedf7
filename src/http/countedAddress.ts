/** Which addresses limits count as one: whoever has one IPv6 address has the whole /64 around it (RFC 6177). */
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

const NETWORK_PARTS = 4;

/**
 * An address as limits count it.
 * @param ip an IPv4 or IPv6 address
 * @returns of an IPv6 address its /64; an IPv4 address itself, also when it came mapped into an IPv6 one
 */
export function countedAddress(ip: string): string {
  if (isIPv4(ip) || !ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, NETWORK_PARTS).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
