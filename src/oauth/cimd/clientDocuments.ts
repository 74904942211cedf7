/** Clients described by a metadata document: fetched when a person is asked, kept as a snapshot for everything after. */
import { isDeepStrictEqual } from 'node:util';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { ConfigFile } from '../../configFile.js';
import { UnreachableError } from '../../lib/guardedGet.js';
import type { OutboundProxy } from '../../lib/outboundProxy.js';
import { NotPublicError } from '../../lib/publicLookup.js';
import type { Stored } from '../../stores/collection.js';
import { type DurableStore, insert, replace } from '../../stores/durable.js';
import { clients, type KnownClient } from '../../stores/records/client.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { UNUSED_MS } from '../clientLifetime.js';
import { clientIdUrl, isListed } from './clientIdUrl.js';
import { type DescribedClient, documentMetadata, isJudgedAlike } from './documentMetadata.js';
import type { FetchBudget } from './fetchBudget.js';
import { DocumentRefusedError, fetchDocument } from './fetchDocument.js';

/** How long after its time a snapshot is used while the document cannot be fetched (milliseconds). */
const USABLE_MS = {
  /** The host does not answer, or not with a document: people go on to connect while its web server is down. */
  unreachable: 60 * 60_000,
  /** Too much was fetched: short, since anyone can bring that about. */
  limited: 5 * 60_000,
};

/** A document cannot be used now; the message says why, for people and the client's developers. The cause is for the log. */
export class ClientDocumentError extends Error {
  override readonly name = 'ClientDocumentError';
  readonly whatToDo: string;
  constructor(clientId: string, cause: unknown) {
    const { message, whatToDo } = inWords(clientId, cause);
    super(message, { cause });
    this.whatToDo = whatToDo;
  }
}

const ASK_ITS_MAKERS =
  'Ask the makers of the client to mend that, and connect again then. What was wrong is not remembered.';

/** What people are told: who has to act depends on whether the host was reached, answered, and with what. */
function inWords(clientId: string, cause: unknown): { message: string; whatToDo: string } {
  const { host } = new URL(clientId);
  const unusable = `The metadata document ${clientId} cannot be used`;
  if (cause instanceof UnreachableError)
    return {
      message: `This server could not reach the host ${host} to read the description of the client. ${unusable}.`,
      whatToDo:
        'Tell the operator of this server, with the reference below: it needs a way out to that host. Your device and your client are not the cause. Then connect again.',
    };
  if (cause instanceof NotPublicError)
    return {
      message: `${unusable}: ${cause.message}.`,
      whatToDo:
        'Tell the operator of this server, with the reference below: documents of such a host are read only where the operator lists it. Then connect again.',
    };
  if (cause instanceof RateLimiterRes)
    return {
      message: `${unusable}: it was asked for too often; wait a minute.`,
      whatToDo: 'Wait a minute, then connect again from your MCP client.',
    };
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DocumentRefusedError) return { message: `${unusable}: ${reason}.`, whatToDo: ASK_ITS_MAKERS };
  return {
    message: `${unusable}: the host ${host} did not answer with a document; ${reason}.`,
    whatToDo: `Wait a minute and connect again. If it stays like this: ${ASK_ITS_MAKERS.replace('Ask', 'ask')}`,
  };
}

export interface ClientDocuments {
  /** Whether this client id is one that a metadata document describes and that the policy lets in. */
  handles(clientId: string): boolean;
  /**
   * The metadata as it is now: from the snapshot while HTTP caching allows, else fetched. Failures are not remembered.
   * @param ip the address that the request came from; without one, no limit of it counts
   * @throws ClientDocumentError when the document cannot be had or is not acceptable
   * @throws HttpError 429 when the address brought about too many fetches of documents that are not known here
   */
  current(clientId: string, ip?: string): Promise<Record<string, unknown>>;
  /**
   * Fetches the document of a known client again because the keys that it had do not fit, whatever HTTP caching allows.
   * @param ip the address that the request came from
   * @returns whether the snapshot is another one now; never within 30 seconds of the last time
   * @throws HttpError 429 like `current`
   */
  again(clientId: string, ip: string): Promise<boolean>;
}

/** However often a client signs with a key that is not known, its document is fetched once in this time (milliseconds). */
const PAUSE_MS = 30_000;
/** Of more clients than this the times are forgotten. */
const MOST_TRIED = 10_000;

type ClientPolicy = Pick<ConfigFile['clientPolicy'], 'metadataDocuments' | 'redirectSchemes'>;
type Snapshot = Stored<KnownClient> | undefined;

/**
 * Fetches documents as the policy allows, each once at a time.
 * @param durable keeps the snapshots
 * @param clientPolicy which hosts may be inside a private network, and which redirect URIs
 * @param budget which hosts there may be, and how many documents are fetched
 * @param proxy the way to hosts on the public internet, where there is one
 */
export function createClientDocuments(
  durable: DurableStore,
  { metadataDocuments: policy, redirectSchemes }: ClientPolicy,
  budget: FetchBudget,
  proxy?: OutboundProxy,
): ClientDocuments {
  const underWay = new Map<string, Promise<Record<string, unknown>>>();
  const triedAgain = new Map<string, number>();

  async function fetched(clientId: string, snapshot: Snapshot) {
    const url = new URL(clientId);
    try {
      await budget.count(url, snapshot?.connectedAt === undefined ? undefined : clientId);
      const { document, freshMs } = await fetchDocument(url, {
        privateNetwork: isListed(policy.privateHosts, url.host),
        proxy,
      });
      const described = documentMetadata(clientId, document, redirectSchemes);
      await keepSnapshot(durable, clientId, described, Date.now() + freshMs);
      return described.metadata;
    } catch (cause) {
      throw new ClientDocumentError(clientId, cause);
    }
  }

  const isFresh = ({ metadata, leftOut = [], freshUntil = 0 }: KnownClient): boolean =>
    freshUntil > Date.now() && isJudgedAlike({ metadata, leftOut }, redirectSchemes);

  function start(clientId: string, snapshot: Snapshot): Promise<Record<string, unknown>> {
    const fetching = fetched(clientId, snapshot).finally(() => underWay.delete(clientId));
    underWay.set(clientId, fetching);
    return fetching;
  }

  return {
    handles(clientId) {
      const url = clientIdUrl(clientId);
      return url !== undefined && budget.allows(url);
    },
    async current(clientId, ip) {
      const snapshot = await durable.get(clients, clientId);
      if (snapshot && isFresh(snapshot)) return snapshot.metadata;
      // Counted apart from the fetch, which requests of other addresses may share.
      if (!underWay.has(clientId) && !snapshot && ip !== undefined)
        await budget.countUnknown('document', new URL(clientId), ip);
      try {
        return await (underWay.get(clientId) ?? start(clientId, snapshot));
      } catch (error) {
        if (!snapshot || !(error instanceof ClientDocumentError)) throw error;
        if (error.cause instanceof DocumentRefusedError) await withdraw(durable, clientId);
        else {
          const usable = error.cause instanceof RateLimiterRes ? USABLE_MS.limited : USABLE_MS.unreachable;
          if ((snapshot.freshUntil ?? 0) + usable > Date.now()) return snapshot.metadata;
        }
        throw error;
      }
    },
    async again(clientId, ip) {
      const now = Date.now();
      if (now - (triedAgain.get(clientId) ?? 0) < PAUSE_MS || !this.handles(clientId)) return false;
      const snapshot = await durable.get(clients, clientId);
      if (!snapshot) return false;
      if (snapshot.connectedAt === undefined) await budget.countUnknown('keys', new URL(clientId), ip);
      if (triedAgain.size >= MOST_TRIED) triedAgain.clear();
      triedAgain.set(clientId, now);
      try {
        const metadata = await (underWay.get(clientId) ?? start(clientId, snapshot));
        return !isDeepStrictEqual(metadata, snapshot.metadata);
      } catch (error) {
        if (!(error instanceof ClientDocumentError)) throw error;
        if (error.cause instanceof DocumentRefusedError) await withdraw(durable, clientId);
        return false;
      }
    },
  };
}

function keepSnapshot(
  durable: DurableStore,
  id: string,
  { metadata, leftOut }: DescribedClient,
  freshUntil: number,
): Promise<void> {
  return retryOnConflict(async () => {
    const known = await durable.get(clients, id);
    const { leftOut: _, ...before } = known ?? { createdAt: Date.now(), keptUntil: 0 };
    const keptUntil = Math.max(before.keptUntil, Date.now() + UNUSED_MS, freshUntil);
    const left = leftOut.length > 0 ? { leftOut: [...leftOut] } : {};
    const snapshot = { ...before, id, metadata, freshUntil, keptUntil, ...left };
    await durable.commit([
      known ? replace(clients, { ...snapshot, revision: known.revision }) : insert(clients, snapshot),
    ]);
  });
}

/** What its host has withdrawn is asked for again each time, and not used in between. Connections that exist go on. */
function withdraw(durable: DurableStore, id: string): Promise<void> {
  return retryOnConflict(async () => {
    const known = await durable.get(clients, id);
    if (known && known.freshUntil !== 0) await durable.commit([replace(clients, { ...known, freshUntil: 0 })]);
  });
}
