/** Where oidc-provider finds and keeps its models: each maps to a store, to a connection, or to nothing. */
import type { Adapter, AdapterFactory } from 'oidc-provider';
import { AUTHORIZATION_CODE } from './authorizationCode.js';
import type { OauthContext } from './context.js';
import { clientAdapter } from './models/clientAdapter.js';
import { connectionAdapter } from './models/connectionAdapter.js';
import { nothingAdapter } from './models/nothingAdapter.js';
import { volatileAdapter } from './models/volatileAdapter.js';

/** The kind of requests that wait for a person's answer. */
export const INTERACTION = 'interaction';

/** The adapter factory for `new Provider()`: called once for each model that the library uses. */
export function createAdapterFactory(oauth: OauthContext): AdapterFactory {
  const adapters: Record<string, () => Adapter> = {
    Client: () => clientAdapter(oauth.stores.durable, oauth.documents),
    Grant: () => connectionAdapter(oauth.stores),
    AuthorizationCode: () => volatileAdapter(oauth.stores.volatile, AUTHORIZATION_CODE),
    Interaction: () => ({
      ...volatileAdapter(oauth.stores.volatile, INTERACTION),
      // The library forgets a request before its answer is stored; here it goes when the answer is on its way (`authorizationAnswer.ts`).
      destroy: async () => undefined,
    }),
  };
  return (model) => adapters[model]?.() ?? nothingAdapter;
}
