/** A store that was filled for the demo must not be opened to others: its passwords are public. */
import type { Config } from '../config.js';
import { demoAccounts } from '../organizations/demoAccounts.js';
import { StartError } from '../startError.js';
import type { Stores } from '../stores/stores.js';

/**
 * Looks for the demo accounts in the store: three at most, each found by its address.
 * @throws StartError when others may reach the server and one of them has its public password
 */
export async function refuseDemoAccounts({ exposed, issuer }: Config, stores: Stores): Promise<void> {
  if (!exposed) return;
  const open = (await demoAccounts(stores)).map(({ email }) => email);
  if (open.length === 0) return;
  throw new StartError(
    `The store has ${open.join(', ')} with the public password of the demo, and ISSUER ${issuer} can be reached by others. For each of them run npm run directory -- accounts set-password, or accounts remove; or use a store that was not filled for the demo.`,
  );
}
