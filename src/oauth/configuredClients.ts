/** The pre-registered clients of the configuration file, looked at before anybody needs one of them. */
import { errors, type Provider } from 'oidc-provider';
import { ConfigError } from '../config.js';
import type { ConfigFile } from '../configFile.js';

/**
 * Demands that every pre-registered client can be used: the library looks at one only when it is asked for.
 * @throws ConfigError that names the client and says what is wrong with it
 */
export async function assertConfiguredClients(provider: Provider, { clients }: ConfigFile): Promise<void> {
  for (const { client_id: id } of clients) {
    try {
      await provider.Client.find(id);
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      throw new ConfigError(`CONFIG_FILE: the client "${id}" cannot be used: ${error.error_description}.`);
    }
  }
}
