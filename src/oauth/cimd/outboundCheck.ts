/** Whether this server gets out to the hosts of metadata documents: tried as they are fetched, on a host that the operator names. */
import type { Config } from '../../config.js';
import { guardedGet, UnreachableError } from '../../lib/guardedGet.js';
import { NotPublicError } from '../../lib/publicLookup.js';
import { isListed } from './clientIdUrl.js';

/** From the look-up to the first bytes of an answer, in milliseconds. */
const DEADLINE_MS = 5_000;

/** The host answered, and what it said does not matter. */
class AnsweredError extends Error {}

/**
 * Looks the host up, connects and asks for its first page, of which nothing is read.
 * @returns what came of it, in a sentence for the operator; undefined where no host is named, or documents are switched off
 */
export async function checkOutbound({
  file,
  outboundProxy: proxy,
}: Config): Promise<{ line: string; warning: boolean } | undefined> {
  const { enabled, checkHost, privateHosts } = file.clientPolicy.metadataDocuments;
  if (!enabled || checkHost === undefined) return undefined;
  const way = proxy ? ` by way of the proxy ${proxy.url.host}` : '';
  try {
    await guardedGet(new URL(`https://${checkHost}/`), {
      accept: '*/*',
      assertHead: () => {
        throw new AnsweredError();
      },
      deadlineMs: DEADLINE_MS,
      maxBytes: 0,
      privateNetwork: isListed(privateHosts, checkHost),
      proxy,
    });
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof NotPublicError)
      return {
        line: `outbound https: ${checkHost} cannot be reached${way}: ${error.message}. Clients with a metadata document cannot connect; let this server out, or set clientPolicy.metadataDocuments.enabled to false.`,
        warning: true,
      };
  }
  return { line: `outbound https: ${checkHost} answers${way}`, warning: false };
}
