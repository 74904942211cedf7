/** Starts the server: configuration → stores → app → listen; SIGTERM drains. */
import { fileURLToPath } from 'node:url';
import { createApp } from './app.js';
import { ConfigError, loadConfig } from './config.js';
import { createLog } from './log.js';
import { createMailer } from './mail.js';
import { createClientDocuments } from './oauth/cimd/clientDocuments.js';
import { createProvider } from './oauth/provider.js';
import { createResourceServers } from './oauth/resourceServers.js';
import { createResources } from './oauth/resources.js';
import { loadSigningKeys } from './oauth/signingKeys.js';
import { createTokenSigner } from './oauth/tokens/signedToken.js';
import { demoAccounts } from './organizations/demoAccounts.js';
import { seedDemoDirectory } from './organizations/seedDemoDirectory.js';
import { showOauthError } from './pages/oauthErrorPage.js';
import { createRenderer } from './pages/render.js';
import { drain, listen } from './server.js';
import { openStores } from './stores/openStores.js';
import { StoreUnavailableError } from './stores/stores.js';
import { sweepRegularly } from './stores/sweepRegularly.js';
import { welcome } from './welcome.js';

const VIEWS = fileURLToPath(new URL('../views', import.meta.url));

async function start(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const stores = await openStores(config, (message) => log.warn(message));
  if (config.demoDirectory) await seedDemoDirectory(stores);
  const documents = createClientDocuments(stores.durable, config.file.clientPolicy.metadataDocuments);
  const keys = await loadSigningKeys(config, stores);
  const oauth = {
    config,
    stores,
    log,
    documents,
    resources: createResources(config.file),
    resourceServers: createResourceServers(config.file),
    signer: createTokenSigner(config.issuer, keys),
  };
  const render = createRenderer(VIEWS, config.basePath);
  const provider = createProvider(oauth, keys, showOauthError(render));
  const demo = config.demoDirectory ? await demoAccounts(stores) : [];
  let draining = false;
  const site = { config, stores, oauth, provider, render, mailer: createMailer(config), demoAccounts: demo };
  const app = createApp(site, log, VIEWS, () => draining);
  const server = await listen(config, app.callback());
  const stopSweeping = sweepRegularly(stores, log);
  process.stdout.write(`${welcome(config, demo)}\n`);

  const stop = async (): Promise<void> => {
    if (draining) return;
    draining = true;
    stopSweeping();
    await drain(server);
    await stores.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}

start().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof StoreUnavailableError;
  process.stderr.write(`The server did not start. ${expected ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
});
