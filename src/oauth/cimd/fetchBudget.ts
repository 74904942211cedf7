/** How often this server fetches what clients name: metadata documents and key sets, counted together. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ConfigFile } from '../../configFile.js';
import { type NamedLimiter, perAddress, within } from '../../http/limits.js';
import { isListed } from './clientIdUrl.js';

type Policy = ConfigFile['clientPolicy']['metadataDocuments'];

/** Platforms that serve many people come from few addresses: key sets for one address, in terms of documents. */
const KEY_SETS_TIMES = 10;

export interface FetchBudget {
  /** Whether the policy lets a host be asked at all. */
  allows(url: URL): boolean;
  /**
   * Counts a fetch.
   * @param connected the client whose it is, where people have connected it: counted apart from what others ask for, so
   *   that none of it can be used up
   * @throws RateLimiterRes when there were too many
   */
  count(url: URL, connected: string | undefined): Promise<void>;
  /**
   * Counts a fetch for a client that nobody here has connected yet, by the address that the request came from: a person's
   * for a document, the client's own for keys. Hosts that the operator names are not counted: what an address asks of
   * others cannot keep people from these.
   * @throws HttpError 429
   */
  countUnknown(what: 'document' | 'keys', url: URL, ip: string): Promise<void>;
}

/**
 * @param policy which hosts, and how many fetches a minute
 * @param unknownPerAddress limits by address
 */
export function createFetchBudget(policy: Policy, unknownPerAddress: NamedLimiter): FetchBudget {
  const { perHost: ofHost, inAll: ofAll } = policy.fetchesPerMinute;
  const perHost = new RateLimiterMemory({ points: ofHost, duration: 60 });
  const inAll = new RateLimiterMemory({ points: ofAll, duration: 60 });
  const perConnectedClient = new RateLimiterMemory({ points: ofHost, duration: 60 });
  const keysPerAddress = (): NamedLimiter =>
    unknownPerAddress.variant('keys', unknownPerAddress.events * KEY_SETS_TIMES);
  const isNamed = (host: string): boolean =>
    isListed(policy.privateHosts, host) || (policy.allowHosts?.includes(host) ?? false);
  return {
    allows({ host, hostname }) {
      // A host is denied on every port; with a port in the list, on that one.
      if (!policy.enabled || isListed(policy.denyHosts, host) || isListed(policy.denyHosts, hostname)) return false;
      return policy.allowHosts === undefined || isListed(policy.allowHosts, host);
    },
    async count({ host }, connected) {
      if (connected !== undefined) return void (await perConnectedClient.consume(connected));
      await perHost.consume(host);
      await inAll.consume('');
    },
    async countUnknown(what, { host }, ip) {
      if (!isNamed(host)) await within(perAddress(what === 'keys' ? keysPerAddress() : unknownPerAddress, ip));
    },
  };
}
