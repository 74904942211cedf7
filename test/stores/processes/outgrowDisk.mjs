/** Inserts clients until the store refuses, some at once; then removes them all, inserts a small one, and prints what happened as JSON. */
import { insert, remove } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { clients } from '#src/stores/records/client.js';

const stores = await openEmbeddedStores(process.argv[2]);
const { durable } = stores;
const keptUntil = Date.now() + 3_600_000;
const ids = async () => (await durable.list(clients, 'byCreation', [])).map(({ id }) => id);
const kept = [];
const refused = [];

for (let round = 0; refused.length === 0; round += 1) {
  const several = Array.from({ length: 3 }, (_, n) => `large-${String(round).padStart(3, '0')}-${n}`);
  const outcomes = await Promise.allSettled(
    several.map((id) =>
      durable.commit([insert(clients, { id, metadata: { x: 'x'.repeat(20_000) }, createdAt: 1, keptUntil })]),
    ),
  );
  for (const [n, { status, reason }] of outcomes.entries()) {
    if (status === 'fulfilled') kept.push(several[n]);
    else refused.push(reason.name);
  }
}
const found = await ids();
for (const id of found) await durable.commit([remove(clients, id)]);
await durable.commit([insert(clients, { id: 'small', metadata: {}, createdAt: 1, keptUntil })]);
process.stdout.write(JSON.stringify({ kept, refused, found, afterwards: await ids() }));
await stores.close();
