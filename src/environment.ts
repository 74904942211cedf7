/**
 * Every variable that the server reads. From the descriptions `npm run docs:configuration` writes docs/configuration.md
 * and .env.example; `whenUnset` says what holds where the schema has no fixed default.
 */
import { z } from 'zod';
import { StoreEnvironment } from './storeEnvironment.js';

const flag = z.enum(['', '0', '1', 'false', 'true']).transform((value) => value === '1' || value === 'true');
/** One key for cookies and form tokens. */
export const cookieKey = z.string().min(32, 'each key must have at least 32 characters');
/** One key for secrets at rest, as its bytes. */
export const encryptionKey = z
  .string()
  .transform((value) => Buffer.from(value, 'base64'))
  .refine((key) => key.length === 32, 'each key must be the base64 of 32 bytes (openssl rand -base64 32)');
const webAddress = z
  .url({ protocol: /^https?$|^mailto$/, error: 'must be an https://, http:// or mailto: address' })
  .optional();
const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
/** Keys separated by commas, the newest first. */
export const keyList = <T extends z.ZodType>(key: T) =>
  z.preprocess(
    (value) =>
      String(value)
        .split(',')
        .map((part) => part.trim()),
    z.array(key).min(1),
  );

export const Environment = z.object({
  ISSUER: z.string().min(1).optional().meta({
    description:
      'The address of this server as clients know it: http(s), lower case; may have a path. Advertised and compared byte for byte, a final slash included. Required in production.',
    whenUnset: 'http://localhost:$PORT',
  }),
  PORT: wholeNumber(0, 65_535).default(3_000).describe('The port to listen on.'),
  HOST: z.string().min(1).optional().meta({
    description: 'The address to listen on.',
    whenUnset: 'the loopback address while the issuer is on loopback, all addresses otherwise',
  }),
  METRICS_PORT: wholeNumber(1, 65_535).optional().meta({
    description:
      'The port that serves Prometheus metrics at /metrics, on the same address as PORT. It asks nobody who they are, so let only your monitoring reach it.',
    whenUnset: 'no metrics',
  }),
  ...StoreEnvironment.shape,
  COOKIE_KEYS: keyList(cookieKey).optional().meta({
    description:
      'Keys that sign cookies and form tokens, comma-separated, newest first, each at least 32 characters (openssl rand -base64 32). Required with NODE_ENV=production or MONGODB_URI.',
    whenUnset: 'generated once into DATA_DIR',
  }),
  ENCRYPTION_KEY: keyList(encryptionKey).optional().meta({
    description:
      'Keys that encrypt secrets at rest, comma-separated, newest first, each the base64 of 32 bytes (openssl rand -base64 32). Required with NODE_ENV=production or MONGODB_URI.',
    whenUnset: 'generated once into DATA_DIR',
  }),
  CONFIG_FILE: z.string().min(1).optional().meta({
    description: 'The configuration file: resources, resource servers, clients and limits.',
    whenUnset: 'config/default.json, the demo',
  }),
  DEMO_DIRECTORY: flag.optional().meta({
    description:
      '1 (or true) fills an empty store with the demo directory, 0 (or false) never does. Not allowed with NODE_ENV=production or an issuer outside this machine.',
    whenUnset: '1 while the issuer is on loopback and MONGODB_URI is not set',
  }),
  BILLING_URL: webAddress.meta({
    description: 'Where the menu entry "Billing" leads: https://, http:// or mailto:.',
    whenUnset: 'no such entry',
  }),
  SUPPORT_URL: webAddress.meta({
    description: 'Where the menu entry "Support" leads: https://, http:// or mailto:.',
    whenUnset: 'no such entry',
  }),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' })
    .refine(
      (value) => new URL(value).searchParams.getAll('requireTLS').every((said) => /^(true|false)$/.test(said)),
      'has a requireTLS that is neither true nor false',
    )
    .refine((value) => new URL(value).searchParams.getAll('requireTLS').length < 2, 'has more than one requireTLS')
    .optional()
    .meta({
      description:
        'The mail server for invitations and forgotten passwords, e.g. smtps://user:password@smtp.example.com?from=login@example.com. smtp:// demands STARTTLS outside this machine and sends nothing without it, unless the address says requireTLS=false.',
      whenUnset: 'nothing is mailed; invitations are links to copy, and a forgotten password is set by the operator',
    }),
  UPSTREAM_ISSUER: z.string().min(1).optional().meta({
    description:
      'An OpenID provider that people sign in with, e.g. that of their company: its issuer, https:// outside this machine. Register the redirect URI $ISSUER/login/upstream/callback there. Set it together with UPSTREAM_CLIENT_ID and UPSTREAM_CLIENT_SECRET; more in the section `upstream` of the configuration file.',
    whenUnset: 'people sign in with passwords',
  }),
  UPSTREAM_CLIENT_ID: z.string().min(1).optional().meta({
    description: 'The id that this server has at the upstream.',
    whenUnset: 'no upstream',
  }),
  UPSTREAM_CLIENT_SECRET: z.string().min(1).optional().meta({
    description: 'The secret that this server has at the upstream.',
    whenUnset: 'no upstream',
  }),
  HTTPS_PROXY: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .meta({
      description:
        'The forward proxy (CONNECT) through which metadata documents of clients are fetched, e.g. http://user:password@proxy.example.com:3128. Names are looked up here nevertheless, and only public addresses are asked for; `privateHosts` are reached directly.',
      whenUnset: 'documents are fetched directly',
    }),
  NO_PROXY: z.string().optional().meta({
    description: 'Hosts that are reached without HTTPS_PROXY, comma-separated, each with all below it; * for all.',
    whenUnset: 'none',
  }),
  TRUST_PROXY: wholeNumber(0, 100)
    .default(0)
    .describe('Number of proxies in front of this server that append to X-Forwarded-For.'),
  SHUTDOWN_DELAY: wholeNumber(0, 300)
    .default(0)
    .describe(
      'Seconds for which requests are still taken after SIGTERM while /health/ready says 503 already, for load balancers that learn of the end by asking.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('The least important lines that the log on standard output has.'),
  NODE_ENV: z
    .enum(['production', 'development', 'test'], { error: 'must be production, development or test' })
    .default('development')
    .describe(
      'production refuses demo credentials (as any issuer outside this machine does), missing keys and plain http issuers.',
    ),
});
