/** The only reader of the environment and of the configuration file: everything parsed, checked and frozen. */
import type { z } from 'zod';
import type { UpstreamSettings } from './accounts/upstream/settings.js';
import { ConfigError, unfit } from './configError.js';
import type { ConfigFile } from './configFile.js';
import { ConfigProblems } from './configProblems.js';
import { Environment } from './environment.js';
import { type Issuer, usableAliases, usableIssuer } from './issuer.js';
import { demandKeys, ownCookieKeys, ownEncryptionKeys } from './keySettings.js';
import type { OutboundProxy } from './lib/outboundProxy.js';
import { isLoopback } from './loopback.js';
import { readConfigFile } from './readConfigFile.js';
import { keptSecret } from './secrets.js';
import { demandBothStores, setVariables } from './storeEnvironment.js';
import { upstreamSettings } from './upstreamConfig.js';

export { ConfigError };

export interface Config {
  readonly production: boolean;
  /** Others than people at this machine may reach the server, so that it has no credential that is public. */
  readonly exposed: boolean;
  /** The issuer identifier exactly as clients compare it (RFC 8414 §2). */
  readonly issuer: string;
  /** That issuer, then its aliases: clients find metadata for each, and tokens name the first. */
  readonly issuers: readonly Issuer[];
  /** Everything is served below this address: the issuer without a final slash. */
  readonly baseUrl: string;
  /** The issuer's path without a trailing slash: `''` at the root. */
  readonly basePath: string;
  readonly secure: boolean;
  readonly port: number;
  readonly host: string | undefined;
  /** Where metrics are served; without it there are none. */
  readonly metricsPort: number | undefined;
  readonly dataDir: string;
  /** MongoDB and Redis, both or neither; without them the stores are in `dataDir`. */
  readonly mongodbUri: string | undefined;
  readonly redisUrl: string | undefined;
  /** Keys for cookies and form tokens, newest first. */
  readonly cookieKeys: readonly string[];
  /** 32-byte keys for secrets at rest, newest first. */
  readonly encryptionKeys: readonly Buffer[];
  /** How many proxies in front of this server write X-Forwarded-For. */
  readonly trustProxy: number;
  /** How long requests are still taken after SIGTERM, in seconds, for balancers that have to notice first. */
  readonly shutdownDelay: number;
  readonly logLevel: string;
  /** Fill an empty store with the demo directory. */
  readonly demoDirectory: boolean;
  /** Where the menu entries "Billing" and "Support" lead; without one there is no such entry. */
  readonly billingUrl: string | undefined;
  readonly supportUrl: string | undefined;
  /** The mail server; without one nothing is mailed and nothing that needs mail is offered. */
  readonly smtpUrl: string | undefined;
  /** The OpenID provider that people can sign in with; undefined when there is none. */
  readonly upstream: UpstreamSettings | undefined;
  /** The forward proxy by which metadata documents are fetched; undefined where they are fetched directly. */
  readonly outboundProxy: OutboundProxy | undefined;
  readonly file: ConfigFile;
}

/**
 * Reads the configuration.
 * @param env the environment; empty variables count as not set
 * @param secretIn reads a key that is in the data folder; makes and keeps it there unless told otherwise
 * @throws ConfigError with a line for each thing to put right: the name of the variable and what it must be
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, secretIn = keptSecret): Config {
  const problems = new ConfigProblems();
  const set = setVariables(env);
  const e = fittingVariables(set, problems);
  const production = e.NODE_ENV === 'production';
  const issuer = problems.in(() => usableIssuer(e.ISSUER, e.PORT, production));
  problems.in(() => demandBothStores(e.MONGODB_URI, e.REDIS_URL));
  const ownKeysAllowed = !production && e.MONGODB_URI === undefined;
  if (!ownKeysAllowed) problems.in(() => demandKeys(set));
  const exposed = production || (issuer !== undefined && !isLoopback(issuer.url.hostname));
  problems.in(() => refuseDemoDirectory(e, exposed));
  problems.in(() => demandTwoPorts(e));
  const file = problems.in(() =>
    readConfigFile(e.CONFIG_FILE ?? new URL('../config/default.json', import.meta.url), { production, exposed }),
  );
  const upstream = problems.in(() => upstreamSettings(e, file));
  const aliases = problems.in(() => (issuer && file ? usableAliases(file.issuerAliases, issuer) : []));
  if (!issuer || !file || !aliases || problems.any) throw problems.all();
  const loopback = isLoopback(issuer.url.hostname);
  return Object.freeze({
    production,
    exposed,
    issuer: issuer.identifier,
    issuers: [issuer, ...aliases],
    baseUrl: issuer.baseUrl,
    basePath: issuer.basePath,
    secure: issuer.url.protocol === 'https:',
    port: e.PORT,
    host: e.HOST ?? (loopback ? loopbackAddress(issuer.url) : undefined),
    dataDir: e.DATA_DIR,
    mongodbUri: e.MONGODB_URI,
    redisUrl: e.REDIS_URL,
    cookieKeys: e.COOKIE_KEYS ?? ownCookieKeys(e.DATA_DIR, secretIn),
    encryptionKeys: e.ENCRYPTION_KEY ?? ownEncryptionKeys(e.DATA_DIR, secretIn),
    metricsPort: e.METRICS_PORT,
    trustProxy: e.TRUST_PROXY,
    shutdownDelay: e.SHUTDOWN_DELAY,
    logLevel: e.LOG_LEVEL,
    demoDirectory: e.DEMO_DIRECTORY ?? (loopback && ownKeysAllowed),
    billingUrl: e.BILLING_URL,
    supportUrl: e.SUPPORT_URL,
    smtpUrl: e.SMTP_URL,
    upstream,
    outboundProxy: e.HTTPS_PROXY === undefined ? undefined : outboundProxy(e.HTTPS_PROXY, e.NO_PROXY),
    file,
  });
}

type Variables = z.infer<typeof Environment>;

const outboundProxy = (address: string, except = ''): OutboundProxy => ({
  url: new URL(address),
  except: except.split(/[\s,]+/).filter((entry) => entry !== ''),
});

/** The variables that fit; the others are problems, and do not keep these from being judged. */
function fittingVariables(set: NodeJS.ProcessEnv, problems: ConfigProblems): Variables {
  const { error, data } = Environment.safeParse(set);
  if (!error) return data;
  problems.add(unfit('', error));
  const unfitting = error.issues.map(({ path }) => path[0]);
  return Environment.parse(Object.fromEntries(Object.entries(set).filter(([name]) => !unfitting.includes(name))));
}

/** While the issuer is on loopback nobody else needs to reach the server, and the demo passwords are public. */
const loopbackAddress = (issuer: URL): string => (issuer.hostname === '[::1]' ? '::1' : '127.0.0.1');

function refuseDemoDirectory({ DEMO_DIRECTORY }: Variables, exposed: boolean): void {
  if (exposed && DEMO_DIRECTORY)
    throw new ConfigError(
      'DEMO_DIRECTORY cannot be used with NODE_ENV=production or an ISSUER outside this machine: its passwords are public. Unset it.',
    );
}

function demandTwoPorts({ PORT, METRICS_PORT }: Variables): void {
  if (METRICS_PORT === PORT)
    throw new ConfigError(`METRICS_PORT and PORT are both ${PORT}; metrics need a port of their own.`);
}
