/** The operator's own backends: configured clients that may use the Admin API and nothing else. */
import type { ConfigFile } from '../configFile.js';
import { configuredSecrets } from './configuredSecrets.js';

export interface AdminClients {
  readonly ids: readonly string[];
  has(clientId: string): boolean;
  /** Whether this is a secret of this client (RFC 6749 §2.3.1). */
  authenticate(clientId: string, secret: string): boolean;
}

/** Reads them from the configuration file. */
export function createAdminClients(file: ConfigFile): AdminClients {
  const ids = file.adminClients.map(({ clientId }) => clientId);
  const known = new Set(ids);
  return { ids, has: (clientId) => known.has(clientId), authenticate: configuredSecrets(file.adminClients) };
}
