/** Registered clients (RFC 7591): kept for good; their secrets only as hashes. */
import type { Adapter } from 'oidc-provider';
import { type DurableStore, insert, replace } from '../../stores/durable.js';
import { clients } from '../../stores/records/client.js';
import { withHashedSecret } from '../clientSecret.js';
import { nothingAdapter } from './nothingAdapter.js';

export function clientAdapter(durable: DurableStore): Adapter {
  return {
    ...nothingAdapter,
    async upsert(id, payload) {
      const metadata = withHashedSecret(JSON.parse(JSON.stringify(payload)));
      const known = await durable.get(clients, id);
      await durable.commit([
        known ? replace(clients, { ...known, metadata }) : insert(clients, { id, metadata, createdAt: Date.now() }),
      ]);
    },
    async find(id) {
      return (await durable.get(clients, id))?.metadata;
    },
  };
}
