/** Reads the configuration file, and refuses in production what only a demo may have. */
import { readFileSync } from 'node:fs';
import { ConfigError, firstProblem } from './configError.js';
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
  if (!parsed.success) throw firstProblem(`${where}: `, parsed.error);
  if (production) refuseDemoSecrets(where, parsed.data);
  return parsed.data;
}

function refuseDemoSecrets(where: string, file: ConfigFile): void {
  for (const client of [...file.resourceServers, ...file.adminClients])
    for (const secret of client.clientSecrets)
      if (secret === 'demo-mcp-server-secret' || (!secret.startsWith('sha256:') && secret.length < 32))
        throw new ConfigError(
          `${where}: the secret of the client "${client.clientId}" is a demo secret or shorter than 32 characters, which production does not allow. Make one with openssl rand -base64 32, in a file of your own; config/production.example.json is one to begin with.`,
        );
}
