/** When told to go, adds one to the number that is an account's name, so many times, reading again after each conflict; says how many it met. */
import { once } from 'node:events';
import { ConflictError, replace } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { accounts } from '#src/stores/records/account.js';

const [folder, id, times] = process.argv.slice(2);
const stores = await openEmbeddedStores(folder);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
let conflicts = 0;
for (let done = 0; done < Number(times); ) {
  stores.beginRequest();
  const account = await stores.durable.get(accounts, id);
  try {
    await stores.durable.commit([replace(accounts, { ...account, name: String(Number(account.name) + 1) })]);
    done += 1;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    conflicts += 1;
  }
}
await stores.close();
process.stdout.write(`${conflicts}\n`);
process.exit(0);
