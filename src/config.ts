/** The only reader of the environment and of the configuration file: everything parsed, checked and frozen. */
import type { z } from 'zod';
import type { UpstreamSettings } from './accounts/upstream/settings.js';
import { ConfigError, firstProblem } from './configError.js';
import type { ConfigFile } from './configFile.js';
import { cookieKey, Environment, encryptionKey, keyList } from './environment.js';
import { usableIssuer } from './issuer.js';
import { isLoopback } from './loopback.js';
import { readConfigFile } from './readConfigFile.js';
import { keptSecret, newCookieKey, newEncryptionKey } from './secrets.js';
import { parseRedisUrl } from './stores/redis/url.js';
import { upstreamSettings } from './upstreamConfig.js';

export { ConfigError };

export interface Config {
  readonly production: boolean;
  /** The issuer identifier exactly as clients compare it (RFC 8414 §2). */
  readonly issuer: string;
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
  readonly file: ConfigFile;
}

/**
 * Reads the configuration.
 * @param env the environment; empty variables count as not set
 * @param secretIn reads a key that is in the data folder; makes and keeps it there unless told otherwise
 * @throws ConfigError with the name of the variable and what it must be
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, secretIn = keptSecret): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) throw firstProblem('', parsed.error);
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const issuer = usableIssuer(e.ISSUER, e.PORT, production);
  const loopback = isLoopback(issuer.hostname);
  demandBothStores(e.MONGODB_URI, e.REDIS_URL);
  const ownKeysAllowed = !production && e.MONGODB_URI === undefined;
  if (production && e.DEMO_DIRECTORY)
    throw new ConfigError(
      'DEMO_DIRECTORY cannot be used with NODE_ENV=production: its passwords are public. Unset it.',
    );
  if (e.METRICS_PORT === e.PORT)
    throw new ConfigError(`METRICS_PORT and PORT are both ${e.PORT}; metrics need a port of their own.`);
  const file = readConfigFile(e.CONFIG_FILE ?? new URL('../config/default.json', import.meta.url), production);
  return Object.freeze({
    production,
    issuer: issuer.pathname === '/' ? issuer.origin : issuer.href,
    basePath: issuer.pathname === '/' ? '' : issuer.pathname,
    secure: issuer.protocol === 'https:',
    port: e.PORT,
    host: e.HOST ?? (loopback ? loopbackAddress(issuer) : undefined),
    dataDir: e.DATA_DIR,
    mongodbUri: e.MONGODB_URI,
    redisUrl: e.REDIS_URL,
    cookieKeys:
      e.COOKIE_KEYS ??
      ownKeys('COOKIE_KEYS', ownKeysAllowed, keyList(cookieKey), () =>
        secretIn(e.DATA_DIR, 'cookie-keys', newCookieKey),
      ),
    encryptionKeys:
      e.ENCRYPTION_KEY ??
      ownKeys('ENCRYPTION_KEY', ownKeysAllowed, keyList(encryptionKey), () =>
        secretIn(e.DATA_DIR, 'encryption-key', newEncryptionKey),
      ),
    metricsPort: e.METRICS_PORT,
    trustProxy: e.TRUST_PROXY,
    shutdownDelay: e.SHUTDOWN_DELAY,
    logLevel: e.LOG_LEVEL,
    demoDirectory: e.DEMO_DIRECTORY ?? (loopback && ownKeysAllowed),
    billingUrl: e.BILLING_URL,
    supportUrl: e.SUPPORT_URL,
    smtpUrl: e.SMTP_URL,
    upstream: upstreamSettings(e, file),
    file,
  });
}

/** While the issuer is on loopback nobody else needs to reach the server, and the demo passwords are public. */
const loopbackAddress = (issuer: URL): string => (issuer.hostname === '[::1]' ? '::1' : '127.0.0.1');

function demandBothStores(mongodbUri: string | undefined, redisUrl: string | undefined): void {
  if (mongodbUri === undefined && redisUrl === undefined) return;
  if (redisUrl === undefined)
    throw new ConfigError('MONGODB_URI is set and REDIS_URL is missing; set both, or neither for the embedded store.');
  if (mongodbUri === undefined)
    throw new ConfigError('REDIS_URL is set and MONGODB_URI is missing; set both, or neither for the embedded store.');
  if (!/^mongodb(\+srv)?:\/\//.test(mongodbUri))
    throw new ConfigError('MONGODB_URI must begin with mongodb:// or mongodb+srv://.');
  try {
    parseRedisUrl(redisUrl);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function ownKeys<T>(variable: string, allowed: boolean, schema: z.ZodType<T>, kept: () => string): T {
  if (!allowed)
    throw new ConfigError(
      `${variable} is required in production and with MONGODB_URI; make a key with: openssl rand -base64 32`,
    );
  const parsed = schema.safeParse(kept());
  if (parsed.success) return parsed.data;
  throw new ConfigError(`The file for ${variable} in DATA_DIR holds no usable key; restore it or set ${variable}.`);
}
