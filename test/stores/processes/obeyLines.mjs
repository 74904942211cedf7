/** A second process on the same folder: does what each line of standard input says and answers each with a line. */
import { createInterface } from 'node:readline';
import { insert, remove } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { accounts } from '#src/stores/records/account.js';

const { durable } = await openEmbeddedStores(process.argv[2]);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, id] = line.split(' ');
  const account = { id, email: `${id}@example.com`, emailVerified: true, name: 'x'.repeat(200), createdAt: 1 };
  await durable.commit([verb === 'insert' ? insert(accounts, account) : remove(accounts, id)]);
  process.stdout.write(`done ${line}\n`);
}
process.exit(0);
