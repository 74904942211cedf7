/** Key sets that clients publish at their `jwks_uri`: fetched under the guards of metadata documents, and kept for when that fails. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { BoundedCache } from '../../boundedCache.js';
import type { ConfigFile } from '../../configFile.js';
import type { OutboundProxy } from '../../lib/outboundProxy.js';
import { NotPublicError } from '../../lib/publicLookup.js';
import { type DurableStore, insert, replace } from '../../stores/durable.js';
import { clients } from '../../stores/records/client.js';
import { type ClientKeySet, clientKeySets } from '../../stores/records/clientKeySet.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { fits } from '../../textBounds.js';
import { isListed } from '../cimd/clientIdUrl.js';
import type { FetchBudget } from '../cimd/fetchBudget.js';
import { DocumentRefusedError, fetchDocument, MAX_KEY_SET_BYTES } from '../cimd/fetchDocument.js';
import { UNUSED_MS } from '../clientLifetime.js';
import { KeySetError, PublicJwk, publicKeys } from './keySet.js';

/** However often a client signs with a key that is not known, its keys are fetched once in this time (milliseconds). */
export const FETCH_PAUSE_MS = 30_000;
/** Keys are used for so long at least before they are asked for again, whatever HTTP caching says (milliseconds). */
const LEAST_FRESH_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** A set of a client of the configuration is kept for so long (milliseconds); any other for as long as its client. */
const PRE_REGISTERED_MS = 91 * DAY_MS;
/** A set that is kept for longer outlasts every connection that there is now (milliseconds). */
const LONG_ENOUGH_MS = 32 * DAY_MS;
/** The record is not written again for less than this. */
const WORTH_WRITING_MS = DAY_MS;
/** Sets that were fetched within the last minutes, in bytes. */
const MOST_RECENT = 4_000_000;

/** The address of a client's keys. */
export interface KeySetAddress {
  readonly clientId: string;
  readonly uri: string;
  /** Of the configuration file: not a stranger's. */
  readonly preRegistered: boolean;
}

/** The keys cannot be had now, and none are kept. The cause is for the log. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** What a set was found to be. */
interface Found {
  readonly keys: readonly PublicJwk[];
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

/** The last try of this server. */
interface Try {
  readonly at: number;
  readonly bytes: number;
  /** What was found; undefined when the host gave no answer that says anything. */
  readonly found: Found | undefined;
  readonly cause?: unknown;
}

/** Keys as they are known. */
export interface KnownKeys {
  /** None when the address says that there are none, or the policy does not let it be asked. */
  readonly keys: readonly PublicJwk[];
  /** They are kept for long enough, so that {@link KeySets.keep} would do nothing. */
  readonly settled: boolean;
}

export interface KeySets {
  /**
   * The keys as they are known, fetched where none are or they are old.
   * @param ip the address that the request came from
   * @throws KeysUnavailableError
   * @throws HttpError 429 when the address brought about too many fetches for clients that are not known here
   */
  current(address: KeySetAddress, ip: string): Promise<KnownKeys>;
  /** Fetches them again because none of them fits; undefined within 30 seconds of the last time, or when that fails. */
  again(address: KeySetAddress, ip: string): Promise<readonly PublicJwk[] | undefined>;
  /** Keeps a set with which a client has authenticated, for as long as its client is. */
  keep(address: KeySetAddress): Promise<void>;
}

/**
 * The address of a key set, or undefined for what is none: not https, with credentials or a fragment, an IP address in
 * place of a name, or too long.
 */
export function keySetUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !fits('keySetUri', text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const named = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 && !url.hostname.endsWith('.');
  const plain = url.protocol === 'https:' && !url.username && !url.password && !text.includes('#');
  return named && plain ? url : undefined;
}

const Keys = z.array(PublicJwk);
/** By the record's keys, which a store that keeps records gives again until they change. */
const parsed = new WeakMap<object, PublicJwk[]>();

function keysOf({ keys }: ClientKeySet): readonly PublicJwk[] {
  const before = parsed.get(keys);
  if (before) return before;
  const now = Keys.parse(keys);
  parsed.set(keys, now);
  return now;
}

/**
 * @param durable keeps the sets
 * @param policy which hosts may be inside a private network
 * @param budget counts fetches together with those of documents
 * @param proxy the way to hosts on the public internet, where there is one
 */
export function createKeySets(
  durable: DurableStore,
  { metadataDocuments: policy }: Pick<ConfigFile['clientPolicy'], 'metadataDocuments'>,
  budget: FetchBudget,
  proxy?: OutboundProxy,
): KeySets {
  const tries = new BoundedCache<Try>(MOST_RECENT);
  const underWay = new Map<string, Promise<Try>>();
  const nameOf = ({ clientId, uri }: KeySetAddress): string => `${clientId}\n${uri}`;

  async function kept({ clientId, uri }: KeySetAddress): Promise<ClientKeySet | undefined> {
    const record = await durable.get(clientKeySets, clientId);
    return record?.uri === uri ? record : undefined;
  }

  /** What is known without asking: of this server's last try or of what any server has kept, the newer. */
  function knownOf(record: ClientKeySet | undefined, last: Try | undefined): Found | undefined {
    if (last?.found && last.found.fetchedAt >= (record?.fetchedAt ?? 0)) return last.found;
    return record && { keys: keysOf(record), fetchedAt: record.fetchedAt, freshUntil: record.freshUntil };
  }

  async function attempt(address: KeySetAddress, record: ClientKeySet | undefined, connected: boolean): Promise<Try> {
    const at = Date.now();
    try {
      const found = await fetched(address, connected);
      if (record) await store(address, found);
      return { at, found, bytes: JSON.stringify(found).length };
    } catch (cause) {
      if (!(cause instanceof DocumentRefusedError)) return { at, found: undefined, cause, bytes: 1_000 };
      const found: Found = { keys: [], fetchedAt: at, freshUntil: 0 };
      if (record) await store(address, found);
      return { at, found, cause, bytes: 1_000 };
    }
  }

  async function fetched({ clientId, uri, preRegistered }: KeySetAddress, connected: boolean): Promise<Found> {
    const url = keySetUrl(uri);
    if (!url || !(preRegistered || budget.allows(url)))
      throw new DocumentRefusedError('this server fetches no keys from there');
    await budget.count(url, connected ? clientId : undefined);
    const privateNetwork = isListed(policy.privateHosts, url.host);
    const { document, freshMs } = await fetchDocument(url, { privateNetwork, proxy }, MAX_KEY_SET_BYTES).catch(
      (error: unknown) => {
        throw error instanceof NotPublicError ? new DocumentRefusedError(error.message, { cause: error }) : error;
      },
    );
    const fetchedAt = Date.now();
    return { keys: accepted(document), fetchedAt, freshUntil: fetchedAt + Math.max(freshMs, LEAST_FRESH_MS) };
  }

  /** One fetch at a time, and none within the pause after the last one. */
  async function tried(address: KeySetAddress, ip: string, record: ClientKeySet | undefined): Promise<Try | undefined> {
    const name = nameOf(address);
    const running = underWay.get(name);
    if (running) return running;
    const last = tries.get(name);
    if (Date.now() - Math.max(last?.at ?? 0, record?.fetchedAt ?? 0) < FETCH_PAUSE_MS) return undefined;
    const url = keySetUrl(address.uri);
    const { clientId, preRegistered } = address;
    const connected = preRegistered || (await durable.get(clients, clientId))?.connectedAt !== undefined;
    if (url && !connected && !underWay.has(name)) await budget.countUnknown('keys', url, ip);
    const trying = underWay.get(name) ?? attempt(address, record, connected).finally(() => underWay.delete(name));
    underWay.set(name, trying);
    const done = await trying;
    // What was found before stands in for an answer that does not come.
    tries.set(name, { ...done, found: done.found ?? last?.found });
    return done;
  }

  async function store({ clientId, uri, preRegistered }: KeySetAddress, found: Found): Promise<void> {
    const now = Date.now();
    const clientKeptUntil = preRegistered
      ? now + PRE_REGISTERED_MS
      : ((await durable.get(clients, clientId))?.keptUntil ?? 0);
    const keptUntil = Math.max(clientKeptUntil, now + UNUSED_MS, found.freshUntil);
    const keys = found.keys.map((key) => ({ ...key }));
    await retryOnConflict(async () => {
      const before = await durable.get(clientKeySets, clientId);
      const same = before?.uri === uri && before.fetchedAt >= found.fetchedAt;
      if (same && before.keptUntil > keptUntil - WORTH_WRITING_MS) return;
      const next: ClientKeySet = same
        ? { ...before, keptUntil }
        : { id: clientId, uri, keys, fetchedAt: found.fetchedAt, freshUntil: found.freshUntil, keptUntil };
      await durable.commit([before ? replace(clientKeySets, { ...before, ...next }) : insert(clientKeySets, next)]);
    });
  }

  return {
    async current(address, ip) {
      const record = await kept(address);
      const known = knownOf(record, tries.get(nameOf(address)));
      const settled =
        record !== undefined && record.fetchedAt === known?.fetchedAt && record.keptUntil > Date.now() + LONG_ENOUGH_MS;
      if (known && known.freshUntil > Date.now()) return { keys: known.keys, settled };
      const done = await tried(address, ip, record);
      if (done?.found) return { keys: done.found.keys, settled: false };
      if (known) return { keys: known.keys, settled };
      throw new KeysUnavailableError('the keys of a client cannot be fetched', {
        cause: done?.cause ?? tries.get(nameOf(address))?.cause,
      });
    },
    async again(address, ip) {
      return (await tried(address, ip, await kept(address)))?.found?.keys;
    },
    async keep(address) {
      const record = await kept(address);
      const known = knownOf(record, tries.get(nameOf(address)));
      if (known && known.keys.length > 0) await store(address, known);
    },
  };
}

/** @throws DocumentRefusedError for what is no key set that can be used */
function accepted(document: unknown): PublicJwk[] {
  try {
    return publicKeys(document);
  } catch (error) {
    if (!(error instanceof KeySetError)) throw error;
    throw new DocumentRefusedError(`the key set ${error.message}`, { cause: error });
  }
}
