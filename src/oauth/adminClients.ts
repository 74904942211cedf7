/** The operator's own backends: configured clients that may use the Admin API and nothing else. */
import type { ConfigFile } from '../configFile.js';
import { type ConfiguredSecrets, configuredSecrets } from './configuredSecrets.js';

export interface AdminClients {
  readonly ids: readonly string[];
  has(clientId: string): boolean;
  readonly secrets: ConfiguredSecrets;
}

/** Reads them from the configuration file. */
export function createAdminClients(file: ConfigFile): AdminClients {
  const ids = file.adminClients.map(({ clientId }) => clientId);
  const known = new Set(ids);
  return { ids, has: (clientId) => known.has(clientId), secrets: configuredSecrets(file.adminClients) };
}
