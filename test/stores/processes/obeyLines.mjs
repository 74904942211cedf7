/** A second process on the same folder: does what each line of standard input says and answers each with a line. */
import { createInterface } from 'node:readline';
import { insert, remove } from '#src/stores/durable.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { accounts } from '#src/stores/records/account.js';

const account = (id) => ({ id, email: `${id}@example.com`, emailVerified: true, name: 'x'.repeat(200), createdAt: 1 });

const { durable } = await openEmbeddedStores(process.argv[2]);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, id, last = '0'] = line.split(' ');
  if (verb === 'insert') await durable.commit([insert(accounts, account(id))]);
  if (verb === 'remove') await durable.commit([remove(accounts, id)]);
  if (verb === 'fill') {
    for (let n = 1; n <= Number(last); n += 100) {
      const ids = Array.from({ length: 100 }, (_, i) => `${id}${n + i}`);
      await Promise.all(ids.map((each) => durable.commit([insert(accounts, account(each))])));
    }
  }
  process.stdout.write(`done ${line}\n`);
}
process.exit(0);
