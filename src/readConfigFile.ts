/** Reads the configuration file, and refuses in production what only a demo may have. */
import { readFileSync } from 'node:fs';
import { ConfigError, unfit } from './configError.js';
import { ConfigFile } from './configFile.js';

/**
 * Reads and checks the file.
 * @param path of CONFIG_FILE, or the address of the default one
 * @throws ConfigError naming the file and the place in it
 */
export function readConfigFile(path: string | URL, production: boolean): ConfigFile {
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
  demandSecrets(where, parsed.data, production);
  return parsed.data;
}

/** A hash that no secret has, as config/production.example.json has it: one digit again and again. */
const PLACEHOLDER = /^sha256:(\w)\1*=?$/;

function demandSecrets(where: string, { resourceServers, adminClients }: ConfigFile, production: boolean): void {
  const problems = [...resourceServers, ...adminClients].flatMap(({ clientId, clientSecrets }) => {
    const problem = clientSecrets.map((secret) => problemOf(secret, production)).find((found) => found !== undefined);
    return problem ? [`${where}: the secret of the client "${clientId}" ${problem}`] : [];
  });
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

function problemOf(secret: string, production: boolean): string | undefined {
  if (PLACEHOLDER.test(secret))
    return `is the placeholder ${secret}. Make a secret with openssl rand -base64 32, and put its hash behind "sha256:"; printf '%s' "$SECRET" | openssl dgst -sha256 -r says it.`;
  if (production && (secret === 'demo-mcp-server-secret' || (!secret.startsWith('sha256:') && secret.length < 32)))
    return 'is a demo secret or shorter than 32 characters, which production does not allow. Make one with openssl rand -base64 32, in a file of your own; config/production.example.json is one to begin with.';
  return undefined;
}
