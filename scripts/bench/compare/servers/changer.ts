/** Another process on the embedded store that changes one organization after the other while it is told to. */
import { createInterface } from 'node:readline';
import { replace } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { organizations } from '#src/stores/records/organization.js';
import { organizationId } from '../../growth/population.js';

const [folder = '', count = '', everyMs = ''] = process.argv.slice(2);
const stores = await openEmbeddedStores(folder);
let made = 0;

async function change(): Promise<void> {
  stores.beginRequest();
  const organization = await stores.durable.get(organizations, organizationId(made % Number(count)));
  if (!organization) throw new Error('There is no such organization.');
  made += 1;
  await stores.durable.commit([replace(organizations, { ...organization, name: `Renamed ${made}` })]);
}

let ticking: NodeJS.Timeout | undefined;
for await (const line of createInterface(process.stdin)) {
  clearInterval(ticking);
  if (line === 'start') ticking = setInterval(() => void change(), Number(everyMs));
  else process.stdout.write(`${made}\n`);
}
await stores.close();
