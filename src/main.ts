/** Starts the server: configuration → stores → app → listen; SIGTERM drains. */
import { fileURLToPath } from 'node:url';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
import { createLimits } from './http/limits.js';
import { inOriginForm } from './http/originForm.js';
import { createLog } from './log.js';
import { createMailer } from './mail.js';
import { createClientDocuments } from './oauth/cimd/clientDocuments.js';
import { createIntrospectionEndpoint } from './oauth/introspectionEndpoint.js';
import { openKeyRing } from './oauth/keyRing.js';
import { createProvider } from './oauth/provider.js';
import { createResourceServers } from './oauth/resourceServers.js';
import { createResources } from './oauth/resources.js';
import { LOOK_EVERY_MS } from './oauth/signingKeys.js';
import { createTokenSigner } from './oauth/tokens/signedToken.js';
import { demoAccounts } from './organizations/demoAccounts.js';
import { seedDemoDirectory } from './organizations/seedDemoDirectory.js';
import { showOauthError } from './pages/oauthErrorPage.js';
import { createRenderer } from './pages/render.js';
import type { Site } from './pages/site.js';
import { regularly } from './regularly.js';
import { drain, listen, postsTo } from './server.js';
import { StartError } from './startError.js';
import { openStores } from './stores/openStores.js';
import { StoreUnavailableError } from './stores/stores.js';
import { SWEEP_EVERY_MS, sweep } from './stores/sweep.js';
import { welcome } from './welcome.js';

const VIEWS = fileURLToPath(new URL('../views', import.meta.url));

async function start(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const stores = await openStores(config, (message) => log.warn(message));
  if (config.demoDirectory) await seedDemoDirectory(stores);
  const documents = createClientDocuments(stores.durable, config.file.clientPolicy.metadataDocuments);
  const ring = await openKeyRing(config, stores.durable);
  const oauth = {
    config,
    stores,
    log,
    documents,
    resources: createResources(config.file),
    limits: createLimits(stores, config.file.limits.rates),
    resourceServers: createResourceServers(config.file),
    signer: createTokenSigner(config.issuer, ring),
  };
  const render = createRenderer(VIEWS, config.basePath);
  let provider = createProvider(oauth, ring.keys, showOauthError(render));
  const demo = config.demoDirectory ? await demoAccounts(stores) : [];
  let draining = false;
  const site: Site = {
    config,
    stores,
    oauth,
    render,
    mailer: await createMailer(config),
    demoAccounts: demo,
    get provider() {
      return provider;
    },
  };
  const app = createApp(site, log, VIEWS, () => draining);
  const rest = app.callback();
  const introspection = createIntrospectionEndpoint(oauth);
  const isIntrospection = postsTo(`${config.basePath}/introspect`);
  const server = await listen(
    config,
    inOriginForm((req, res) => (isIntrospection(req) ? introspection : rest)(req, res)),
  );
  const stopSweeping = regularly(SWEEP_EVERY_MS, log, 'sweep', () => sweep(stores));
  const look = async (): Promise<void> => {
    if (await ring.look()) provider = createProvider(oauth, ring.keys, showOauthError(render));
  };
  const stopLooking = regularly(LOOK_EVERY_MS, log, 'look for signing keys', look);
  process.on('SIGHUP', () => void look().catch((err: unknown) => log.warn({ err }, 'look for signing keys failed')));
  process.stdout.write(`${welcome(config, demo)}\n`);

  const stop = async (): Promise<void> => {
    if (draining) return;
    draining = true;
    stopSweeping();
    stopLooking();
    await drain(server);
    await stores.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}

start().catch((error: unknown) => {
  const expected = error instanceof StartError || error instanceof StoreUnavailableError;
  process.stderr.write(`The server did not start. ${expected ? inWords(error) : (error as Error).stack}\n`);
  process.exitCode = 1;
});

function inWords({ message, cause }: Error): string {
  return cause instanceof Error && !message.includes(cause.message) ? `${message} (${cause.message})` : message;
}
