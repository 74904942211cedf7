/** Clients described by a metadata document: fetched when a person is asked, kept as a snapshot for everything after. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ConfigFile } from '../../configFile.js';
import { type DurableStore, insert, replace } from '../../stores/durable.js';
import { clients, type KnownClient } from '../../stores/records/client.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { UNUSED_MS } from '../clientLifetime.js';
import { clientIdUrl, isListed } from './clientIdUrl.js';
import { documentMetadata } from './documentMetadata.js';
import { fetchDocument } from './fetchDocument.js';

/** How long after its time a snapshot may stand in while fetches are limited (milliseconds). */
const USABLE_WHEN_LIMITED_MS = 24 * 3_600_000;

/** A document cannot be used now; the message says why, for people and the client's developers. */
export class ClientDocumentError extends Error {
  override readonly name = 'ClientDocumentError';
}

export interface ClientDocuments {
  /** Whether this client id is one that a metadata document describes and that the policy lets in. */
  handles(clientId: string): boolean;
  /**
   * The metadata as it is now: from the snapshot while HTTP caching allows, else fetched. Failures are not remembered.
   * @throws ClientDocumentError when the document cannot be had or is not acceptable
   */
  current(clientId: string): Promise<Record<string, unknown>>;
}

type ClientPolicy = Pick<ConfigFile['clientPolicy'], 'metadataDocuments' | 'redirectSchemes'>;

/**
 * Fetches documents as the policy allows, each once at a time.
 * @param durable keeps the snapshots
 * @param clientPolicy which hosts, how many documents a minute, and which redirect URIs
 */
export function createClientDocuments(durable: DurableStore, clientPolicy: ClientPolicy): ClientDocuments {
  const policy = clientPolicy.metadataDocuments;
  const perHost = new RateLimiterMemory({ points: policy.fetchesPerMinute.perHost, duration: 60 });
  const inAll = new RateLimiterMemory({ points: policy.fetchesPerMinute.inAll, duration: 60 });
  const underWay = new Map<string, Promise<Record<string, unknown>>>();

  async function fetched(clientId: string, url: URL): Promise<Record<string, unknown>> {
    const { metadata, freshMs } = await acceptable(clientId, url);
    await keepSnapshot(durable, clientId, metadata, Date.now() + freshMs);
    return metadata;
  }

  async function acceptable(clientId: string, url: URL) {
    try {
      await perHost.consume(url.host);
      await inAll.consume('');
      const { document, freshMs } = await fetchDocument(url, isListed(policy.privateHosts, url.host));
      return { metadata: documentMetadata(url, document, clientPolicy.redirectSchemes), freshMs };
    } catch (cause) {
      const reason = cause instanceof RateLimiterRes ? 'it was asked for too often; wait a minute' : messageOf(cause);
      throw new ClientDocumentError(`The metadata document ${clientId} cannot be used: ${reason}`, { cause });
    }
  }

  function start(clientId: string): Promise<Record<string, unknown>> {
    const fetching = fetched(clientId, new URL(clientId)).finally(() => underWay.delete(clientId));
    underWay.set(clientId, fetching);
    return fetching;
  }

  return {
    handles(clientId) {
      const url = policy.enabled ? clientIdUrl(clientId) : undefined;
      // A host is denied on every port; with a port in the list, on that one.
      if (!url || isListed(policy.denyHosts, url.host) || isListed(policy.denyHosts, url.hostname)) return false;
      return policy.allowHosts === undefined || isListed(policy.allowHosts, url.host);
    },
    async current(clientId) {
      const snapshot = await durable.get(clients, clientId);
      if (snapshot && (snapshot.freshUntil ?? 0) > Date.now()) return snapshot.metadata;
      try {
        return await (underWay.get(clientId) ?? start(clientId));
      } catch (error) {
        // Else whoever asks for many addresses of a host would shut out all people who use that host's client.
        const limited = error instanceof ClientDocumentError && error.cause instanceof RateLimiterRes;
        if (limited && snapshot && (snapshot.freshUntil ?? 0) > Date.now() - USABLE_WHEN_LIMITED_MS)
          return snapshot.metadata;
        throw error;
      }
    },
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function keepSnapshot(durable: DurableStore, id: string, metadata: Record<string, unknown>, freshUntil: number) {
  return retryOnConflict(async () => {
    const known = await durable.get(clients, id);
    const keptUntil = Math.max(known?.keptUntil ?? 0, Date.now() + UNUSED_MS, freshUntil);
    const snapshot: KnownClient = { id, metadata, createdAt: known?.createdAt ?? Date.now(), freshUntil, keptUntil };
    await durable.commit([known ? replace(clients, { ...known, ...snapshot }) : insert(clients, snapshot)]);
  });
}
