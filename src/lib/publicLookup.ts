/** Addresses of hosts that a stranger named: of the public internet alone (server-side request forgery), looked up apart from everything else. */
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All that was ever handed out for the public internet (RFC 4291 §2.4 and the IANA registry). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address is one of the public internet: no private, loopback, link-local, shared, reserved, multicast or
 * documentation range, also when it is an IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6));
}

/** A host that is not to be connected to, wherever it is; the message may be shown. */
export class NotPublicError extends Error {
  override readonly name = 'NotPublicError';
  constructor(host: string) {
    super(`${host} has an address outside the public internet`);
  }
}

/** How long one look-up may take, in milliseconds, and how many there may be at once; more are refused. */
const LOOKUP = { deadlineMs: 2_000, atOnce: 256 };

/** Never asked of a name server (RFC 6761 §6.3). */
const LOOPBACK_NAME = /(^|\.)localhost$/i;

/** What one query waits for an answer before it asks again (milliseconds), and how often it asks. */
const QUERY = { timeout: 900, tries: 2 };

/**
 * Makes a look-up for the connection itself, so that the address that was checked is the one that is connected to (DNS
 * rebinding). A name with any address outside the public internet is refused as a whole.
 *
 * It asks the name servers of the system directly. The system's own look-up runs on the few threads that files and
 * identity providers' names need too, and cannot be cancelled: a few names that never resolve would hold all of that up.
 * Host names that only `/etc/hosts` knows are therefore unknown here.
 * @param resolver makes the resolver of one look-up
 */
export function createPublicLookup(resolver = () => new Resolver(QUERY)): LookupFunction {
  let underWay = 0;

  async function addressesOf(hostname: string): Promise<{ address: string; family: 4 | 6 }[]> {
    if (LOOPBACK_NAME.test(hostname)) return [{ address: '127.0.0.1', family: 4 }];
    if (underWay >= LOOKUP.atOnce) throw new Error('too many names are being looked up; try again in a few seconds');
    underWay += 1;
    const own = resolver();
    const deadline = setTimeout(() => own.cancel(), LOOKUP.deadlineMs);
    try {
      const [four, six] = await Promise.allSettled([own.resolve4(hostname), own.resolve6(hostname)]);
      if (four.status === 'rejected' && six.status === 'rejected') throw lookupFailed(hostname, four.reason);
      return [
        ...(four.status === 'fulfilled' ? four.value : []).map((address) => ({ address, family: 4 as const })),
        ...(six.status === 'fulfilled' ? six.value : []).map((address) => ({ address, family: 6 as const })),
      ];
    } finally {
      clearTimeout(deadline);
      underWay -= 1;
    }
  }

  return (hostname, options, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (!first || addresses.some(({ address }) => !isPublicAddress(address)))
          return callback(new NotPublicError(hostname), []);
        if (options.all) return callback(null, addresses);
        callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function lookupFailed(hostname: string, reason: unknown): Error {
  const { code = 'no answer' } = reason as NodeJS.ErrnoException;
  return Object.assign(new Error(`${hostname} cannot be looked up (${code})`), { code });
}
