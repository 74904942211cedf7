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
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`CONFIG_FILE ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const parsed = ConfigFile.safeParse(json);
  if (!parsed.success) throw firstProblem(`CONFIG_FILE ${path}: `, parsed.error);
  if (production) refuseDemoSecrets(path, parsed.data);
  return parsed.data;
}

function refuseDemoSecrets(path: string | URL, file: ConfigFile): void {
  for (const client of [...file.resourceServers, ...file.adminClients])
    for (const secret of client.clientSecrets)
      if (secret === 'demo-mcp-server-secret' || (!secret.startsWith('sha256:') && secret.length < 32))
        throw new ConfigError(
          `CONFIG_FILE ${path}: the secret of the client "${client.clientId}" is a demo secret or shorter than 32 characters, which production does not allow; make one with: openssl rand -base64 32`,
        );
}
