/** Reads the configuration file, and refuses what only a demo on this machine may have. */
import { readFileSync } from 'node:fs';
import { ConfigError, unfit } from './configError.js';
import { ConfigFile } from './configFile.js';
import { configuredDigest } from './oauth/configuredSecrets.js';

/**
 * Reads and checks the file.
 * @param path of CONFIG_FILE, or the address of the default one
 * @param use whether NODE_ENV is production, and whether others than people at this machine may reach the server
 * @throws ConfigError naming the file and the place in it
 */
export function readConfigFile(path: string | URL, use: Use): ConfigFile {
  const where =
    typeof path === 'string' ? `CONFIG_FILE ${path}` : "CONFIG_FILE is not set, and config/default.json is the demo's";
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`${where} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const parsed = ConfigFile.safeParse(json);
  if (!parsed.success) throw unfit(`${where}: `, parsed.error);
  demandSecrets(where, parsed.data, use);
  return parsed.data;
}

interface Use {
  readonly production: boolean;
  readonly exposed: boolean;
}

const INSTEAD =
  'Make one with openssl rand -base64 32, in a file of your own; config/production.example.json is one to begin with.';

/** A hash that no secret has, as config/production.example.json has it: one digit again and again. */
const PLACEHOLDER = /^sha256:(\w)\1*=?$/;

/** The secrets that stand in what this project ships, and in its documents. */
const DEMO_SECRETS = ['demo-mcp-server-secret'].map(configuredDigest);

function demandSecrets(where: string, { resourceServers, adminClients, clients }: ConfigFile, use: Use): void {
  const registered = clients.map(({ client_id: clientId, client_secret: secret }) => ({
    clientId,
    clientSecrets: typeof secret === 'string' ? [secret] : [],
  }));
  const problems = [...resourceServers, ...adminClients, ...registered]
    .flatMap((client) => named(client, (secret) => problemOf(secret, use)))
    .map((problem) => `${where}: ${problem}`);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

function named(
  { clientId, clientSecrets }: { clientId: string; clientSecrets: readonly string[] },
  problemIn: (secret: string) => string | undefined,
): string[] {
  const problem = clientSecrets.map(problemIn).find((found) => found !== undefined);
  return problem === undefined ? [] : [`the secret of the client "${clientId}" ${problem}`];
}

const demoProblem = (secret: string, { exposed }: Use): string | undefined =>
  exposed && DEMO_SECRETS.some((demo) => demo.equals(configuredDigest(secret)))
    ? `is a demo secret, which everybody knows; only an ISSUER on this machine may have it, and not with NODE_ENV=production. ${INSTEAD}`
    : undefined;

function problemOf(secret: string, use: Use): string | undefined {
  if (PLACEHOLDER.test(secret))
    return `is the placeholder ${secret}. Make a secret with openssl rand -base64 32, and put its hash behind "sha256:"; printf '%s' "$SECRET" | openssl dgst -sha256 -r says it.`;
  if (use.production && !secret.startsWith('sha256:') && secret.length < 32)
    return (
      demoProblem(secret, use) ??
      `is a demo secret or shorter than 32 characters, which production does not allow. ${INSTEAD}`
    );
  return demoProblem(secret, use);
}
