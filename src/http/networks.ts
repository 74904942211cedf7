/** Which networks an address counts with: who has one IPv6 address has all of the /64 around it, and often more (RFC 6177). */
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A network that limits count, and how much more than a single address may happen in it. */
export interface Network {
  readonly name: string;
  readonly times: number;
}

/**
 * A /64 is one link, a /56 what a household gets, a /48 what a company gets, or anyone from a tunnel broker. Each step has
 * four times as much: neighbours do not shut each other out at once, and a /48 is not 65,536 addresses.
 */
const IPV6_NETWORKS = [
  { bits: 48, times: 16 },
  { bits: 56, times: 4 },
  { bits: 64, times: 1 },
] as const;

const PART_BITS = 16;

/**
 * The networks of an address, the widest first.
 * @param ip an IPv4 or IPv6 address
 * @returns of an IPv6 address its /48, /56 and /64; an IPv4 address itself, also when it came mapped into an IPv6 one
 */
export function networksOf(ip: string): readonly [Network, ...Network[]] {
  if (isIPv4(ip) || !ipaddr.isValid(ip)) return [{ name: ip, times: 1 }];
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return [{ name: address.toString(), times: 1 }];
  const [site, ...within] = IPV6_NETWORKS.map(({ bits, times }) => {
    const parts = address.parts.map((part, n) => {
      const kept = Math.min(PART_BITS, Math.max(0, bits - n * PART_BITS));
      return (part & ~(0xffff >> kept)).toString(16);
    });
    return { name: `${parts.slice(0, Math.ceil(bits / PART_BITS)).join(':')}::/${bits}`, times };
  });
  return [site as Network, ...within];
}
