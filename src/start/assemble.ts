/** Puts the server together from its configuration and its stores: everything that is made once, in the order in which it needs each other. */
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createUpstream } from '../accounts/upstream/openidProvider.js';
import { createApp } from '../app.js';
import type { Config } from '../config.js';
import { atIssuer } from '../http/issuerAlias.js';
import { createLimits } from '../http/limits.js';
import { oneATurn } from '../http/oneATurn.js';
import { postedPath } from '../http/postedPath.js';
import { createMailer } from '../mail.js';
import type { Tally } from '../metrics.js';
import { createAdminClients } from '../oauth/adminClients.js';
import { createClientDocuments } from '../oauth/cimd/clientDocuments.js';
import { createFetchBudget } from '../oauth/cimd/fetchBudget.js';
import { createKeySets } from '../oauth/clientKeys/keySets.js';
import { assertConfiguredClients } from '../oauth/configuredClients.js';
import type { OauthContext } from '../oauth/context.js';
import { createIntrospectionEndpoint } from '../oauth/introspectionEndpoint.js';
import { type KeyRing, openKeyRing } from '../oauth/keyRing.js';
import { aliasedPaths } from '../oauth/metadata.js';
import { createProvider } from '../oauth/provider.js';
import { createResourceServers } from '../oauth/resourceServers.js';
import { createResources } from '../oauth/resources.js';
import { revocationEndpoint } from '../oauth/revocation.js';
import { createTokenClients } from '../oauth/tokenClient.js';
import { tokenEndpoint } from '../oauth/tokenEndpoint.js';
import { createTokenSigner } from '../oauth/tokens/signedToken.js';
import { createTokenWaiting } from '../oauth/tokenWaiting.js';
import { demoAccounts } from '../organizations/demoAccounts.js';
import { authorizationPages } from '../pages/oauthErrorPage.js';
import { createRenderer } from '../pages/render.js';
import type { Site } from '../pages/site.js';
import type { Stores } from '../stores/stores.js';

const VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

export interface Service {
  readonly site: Site;
  /** Answers requests. */
  readonly handler: RequestListener;
  /** Looks for signing keys that were added or retired, and goes on with those. */
  lookForKeys(): Promise<void>;
}

/**
 * @param stopping whether the server is shutting down
 * @throws StartError when no ENCRYPTION_KEY opens the stored signing keys
 * @throws ConfigError when a pre-registered client cannot be used
 */
export async function assemble(
  config: Config,
  stores: Stores,
  log: Logger,
  tally: Tally,
  stopping: () => boolean,
): Promise<Service> {
  const ring = await openKeyRing(config, stores.durable);
  const oauth = createOauthContext(config, stores, log, tally, ring);
  const render = createRenderer(VIEWS, config.basePath, config.supportUrl);
  const newProvider = () => createProvider(oauth, ring.keys, authorizationPages({ config, render }));
  let provider = newProvider();
  await assertConfiguredClients(provider, config.file);
  const site: Site = {
    config,
    stores,
    oauth,
    render,
    mailer: await createMailer(config.smtpUrl, config.issuer),
    upstream: config.upstream && createUpstream(config.upstream),
    demoAccounts: config.demoDirectory && config.file.passwordSignIn ? await demoAccounts(stores) : [],
    get provider() {
      return provider;
    },
  };
  const clients = createTokenClients(oauth);
  const posted = new Map<string | undefined, RequestListener>([
    [`${config.basePath}/introspect`, createIntrospectionEndpoint(oauth)],
    [`${config.basePath}/token`, tokenEndpoint(oauth, clients)],
    [`${config.basePath}/revoke`, revocationEndpoint(oauth, clients)],
  ]);
  const rest = oneATurn(createApp(site, log, VIEWS, stopping).callback());
  return {
    site,
    handler: atIssuer(aliasedPaths(config), (req, res) => (posted.get(postedPath(req)) ?? rest)(req, res)),
    async lookForKeys() {
      if (await ring.look()) provider = newProvider();
    },
  };
}

/** What the OAuth part works with. */
export const createOauthContext = (
  config: Config,
  stores: Stores,
  log: Logger,
  tally: Tally,
  ring: KeyRing,
): OauthContext => {
  const limits = createLimits(stores, config.file.limits.rates);
  const { clientPolicy } = config.file;
  const budget = createFetchBudget(clientPolicy.metadataDocuments, limits.unknownDocumentPerAddress);
  return {
    config,
    stores,
    log,
    tally,
    limits,
    tokenWaiting: createTokenWaiting(stores, config.file.limits.tokenWait * 1_000, tally),
    documents: createClientDocuments(stores.durable, clientPolicy, budget, config.outboundProxy),
    keySets: createKeySets(stores.durable, clientPolicy, budget, config.outboundProxy),
    resources: createResources(config.file),
    resourceServers: createResourceServers(config.file),
    adminClients: createAdminClients(config.file),
    preRegistered: new Set(config.file.clients.map((client) => client.client_id)),
    signer: createTokenSigner(config.issuer, ring),
  };
};
