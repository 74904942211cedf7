/** What the OAuth part works with, made once at start. */
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Limits } from '../http/limits.js';
import type { Tally } from '../metrics.js';
import type { Stores } from '../stores/stores.js';
import type { AdminClients } from './adminClients.js';
import type { ClientDocuments } from './cimd/clientDocuments.js';
import type { KeySets } from './clientKeys/keySets.js';
import type { ResourceServers } from './resourceServers.js';
import type { Resources } from './resources.js';
import type { TokenSigner } from './tokens/signedToken.js';
import type { TokenWaiting } from './tokenWaiting.js';

export interface OauthContext {
  readonly config: Config;
  readonly stores: Stores;
  readonly resources: Resources;
  readonly limits: Limits;
  readonly tokenWaiting: TokenWaiting;
  readonly documents: ClientDocuments;
  /** The keys that clients publish at an address. */
  readonly keySets: KeySets;
  readonly signer: TokenSigner;
  readonly resourceServers: ResourceServers;
  readonly adminClients: AdminClients;
  /** The ids of the clients that the configuration file names. */
  readonly preRegistered: ReadonlySet<string>;
  readonly log: Logger;
  readonly tally: Tally;
}
