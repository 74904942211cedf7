/** Inserts connections until it is killed and prints the id of each as soon as the store has acknowledged it. */
import { insert } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { connections } from '#src/stores/records/connection.js';

const [folder, round] = process.argv.slice(2);
const { durable } = await openEmbeddedStores(folder);
const keptUntil = Date.now() + 3_600_000;

async function insertOnAndOn(writer) {
  for (let n = 0; ; n += 1) {
    const id = `${round}-${writer}-${n}`;
    const record = {
      id,
      status: 'active',
      accountId: 'ada',
      organizationId: 'acme',
      clientId: 'client',
      clientName: 'Client',
      resource: 'https://mcp.example.com/',
      scope: 'read',
      createdAt: n,
      expiresAt: keptUntil,
      keptUntil,
    };
    await durable.commit([insert(connections, record)]);
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, (_, writer) => insertOnAndOn(writer)));
