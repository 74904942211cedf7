/** Fetching on somebody's behalf must not reach what only this server can reach (server-side request forgery). */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address is one of the public internet: no private, loopback, link-local, shared, reserved, multicast or
 * documentation range, also when it is an IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/**
 * A look-up for the connection itself, so that the address that was checked is the one that is connected to (DNS
 * rebinding). A name with any address outside the public internet is refused as a whole.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused || addresses.length === 0)
      return callback(new Error(`${hostname} has an address outside the public internet`), []);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  });
};
