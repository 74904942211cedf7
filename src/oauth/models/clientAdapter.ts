/** Clients as oidc-provider finds them: registered ones from the store, the others from their metadata documents. */
import Provider, { type Adapter, errors } from 'oidc-provider';
import { HttpError } from '../../http/errors.js';
import { type DurableStore, insert, replace } from '../../stores/durable.js';
import { clients } from '../../stores/records/client.js';
import { ClientDocumentError, type ClientDocuments } from '../cimd/clientDocuments.js';
import { clientIdUrl } from '../cimd/clientIdUrl.js';
import { NoWayToAuthenticateError } from '../cimd/documentMetadata.js';
import { UNUSED_MS } from '../clientLifetime.js';
import { withHashedSecret } from '../clientSecret.js';
import { nothingAdapter } from './nothingAdapter.js';

/** Registered secrets are stored as hashes; a document is fetched only when a person is asked. The library may change what it gets. */
export function clientAdapter(durable: DurableStore, documents: ClientDocuments): Adapter {
  /** The library looks for a client again while it handles the error of the first try; one fetch is enough. */
  const failed = new WeakMap<object, ClientDocumentError | HttpError>();

  return {
    ...nothingAdapter,
    async upsert(id, payload) {
      const metadata = withHashedSecret(JSON.parse(JSON.stringify(payload)));
      const known = await durable.get(clients, id);
      const createdAt = Date.now();
      await durable.commit([
        known
          ? replace(clients, { ...known, metadata })
          : insert(clients, { id, metadata, createdAt, keptUntil: createdAt + UNUSED_MS }),
      ]);
    },
    async find(id) {
      const ctx = Provider.ctx;
      const person = ctx === undefined || ctx.oidc.route === 'authorization';
      const described = clientIdUrl(id) !== undefined;
      // The way back from the consent page, for which the document was looked at, is not another occasion.
      if (!person || !described) return structuredClone((await durable.get(clients, id))?.metadata);
      // The policy may have changed since a snapshot was kept.
      if (!documents.handles(id)) return undefined;
      try {
        const before = ctx && failed.get(ctx);
        if (before) throw before;
        return structuredClone(await documents.current(id, ctx?.state.ip));
      } catch (error) {
        if (!(error instanceof ClientDocumentError || error instanceof HttpError)) throw error;
        if (ctx) failed.set(ctx, error);
        if (error instanceof HttpError) throw error;
        throw Object.assign(refusal(error), { cause: error });
      }
    },
  };
}

/** The codes of the draft (-03 §6) and of RFC 7591. */
const refusal = ({ message, cause }: ClientDocumentError) =>
  cause instanceof NoWayToAuthenticateError
    ? new errors.UnauthorizedClient(message)
    : new errors.InvalidClientMetadata(message);
