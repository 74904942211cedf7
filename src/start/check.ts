/** `npm start -- --check`: what would stop the start, found without listening and without changing anything. */
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Config } from '../config.js';
import { CALM_TTL } from '../configFile/resources.js';
import { createLog } from '../log.js';
import { mailInWords } from '../mail.js';
import { createTally } from '../metrics.js';
import { checkOutbound } from '../oauth/cimd/outboundCheck.js';
import { assertConfiguredClients } from '../oauth/configuredClients.js';
import { createProvider } from '../oauth/provider.js';
import { listSigningKeys, openSigningKey } from '../oauth/signingKeys.js';
import { StartError } from '../startError.js';
import { embeddedFolder, openStores } from '../stores/openStores.js';
import { signingKeys } from '../stores/records/signingKey.js';
import type { Stores } from '../stores/stores.js';
import { createOauthContext } from './assemble.js';
import { refuseDemoAccounts } from './demoPasswords.js';

/**
 * Checks one thing after the other.
 * @param config read without making keys
 * @param say is told each thing that is right, in one line
 * @throws what would stop the start: ConfigError, StartError, StoreUnavailableError
 */
export async function check(config: Config, say: (line: string) => void): Promise<void> {
  const { resources, resourceServers, clients } = config.file;
  const aliases = config.issuers.slice(1).map(({ identifier }) => identifier);
  say(
    `ok  configuration: issuer ${[config.issuer, ...aliases].join(', also ')}; ${resources.length} resources, ${resourceServers.length} resource servers, ${clients.length} pre-registered clients`,
  );
  for (const { indicator, accessTokenTtl } of resources)
    if (accessTokenTtl < CALM_TTL)
      say(
        `warning: accessTokenTtl of ${indicator} is ${accessTokenTtl} s: below ${CALM_TTL} s clients refresh before every request`,
      );
  if (config.smtpUrl !== undefined) {
    const { line, warning } = mailInWords(config.smtpUrl);
    say(`${warning ? 'warning:' : 'ok '} ${line}`);
  }
  const outbound = await checkOutbound(config);
  if (outbound) say(`${outbound.warning ? 'warning:' : 'ok '} ${outbound.line}`);
  if (config.mongodbUri === undefined && !existsSync(join(embeddedFolder(config), 'data.mdb'))) {
    await demandRoomFor(config);
    say('ok  embedded store: there is none yet; the first start makes it');
    return;
  }
  const stores = await openStores(config, (message) => say(`warning: ${message}`), true);
  try {
    await checkStores(config, stores, say);
  } finally {
    await stores.close();
  }
}

async function checkStores(config: Config, stores: Stores, say: (line: string) => void): Promise<void> {
  await stores.check();
  say(
    config.mongodbUri === undefined
      ? 'ok  embedded store: can be read and written'
      : 'ok  MongoDB and Redis: both answer; schema and indexes are those of this version, or the database is empty',
  );
  const stored = (await stores.durable.estimate(signingKeys)) > 0 ? await listSigningKeys(stores.durable) : [];
  const keys = stored.map((key) => openSigningKey(config, key));
  say(
    stored.length > 0
      ? `ok  signing keys: ${stored.length}, all opened with ENCRYPTION_KEY`
      : 'ok  signing keys: there are none yet; the first start makes them',
  );
  if (config.exposed) {
    await refuseDemoAccounts(config, stores);
    say('ok  accounts: none has the public password of the demo');
  }
  if (config.file.clients.length === 0) return;
  await demandUsableClients(config, stores, keys.length > 0 ? keys : [await passingKey()]);
  say('ok  pre-registered clients: each can be used');
}

/** As the start does it, on a provider that answers nobody. */
async function demandUsableClients(config: Config, stores: Stores, keys: readonly JWK[]): Promise<void> {
  const ring = { keys, look: async () => false };
  const oauth = createOauthContext(config, stores, createLog('silent'), createTally(), ring);
  await assertConfiguredClients(
    createProvider(oauth, keys, {
      showError: () => undefined,
      offerTheWay: () => undefined,
      leadOn: () => undefined,
      showAnswered: () => undefined,
      sessionId: () => undefined,
    }),
    config.file,
  );
}

/** A key for this check alone: the library demands one, and an empty store has none yet. */
async function passingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' } as JWK;
}

/** The nearest folder that exists must let this process make the others. */
async function demandRoomFor({ dataDir }: Config): Promise<void> {
  let folder = resolve(dataDir);
  while (!existsSync(folder)) folder = dirname(folder);
  await access(folder, constants.W_OK | constants.X_OK).catch((cause: Error) => {
    throw new StartError(`DATA_DIR ${dataDir} cannot be written to; set DATA_DIR to a folder of this process.`, {
      cause,
    });
  });
}
