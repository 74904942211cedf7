/** People who are signed in and authorize one client after the other: from /authorize over the consent page to the token. */
import { PageVisit } from '../../pages/pageVisit.js';

const [issuer = '', seconds = ''] = process.argv.slice(2);

const people = await Promise.all(
  ['ada', 'grace', 'linus', 'ada', 'grace', 'linus'].map(async (name) => {
    const person = new PageVisit(issuer);
    await person.signIn(`${name}@example.com`, 'demo-password');
    return { person, client: await person.register() };
  }),
);

let authorized = 0;
const authorize = async (until: number): Promise<void> => {
  await Promise.all(
    people.map(async ({ person, client }) => {
      while (performance.now() < until) {
        await person.allow(await person.ask(client), client);
        authorized += 1;
      }
    }),
  );
};

process.stdout.write('ready\n');
for await (const _ of process.stdin) {
  authorized = 0;
  const started = performance.now();
  await authorize(started + Number(seconds) * 1_000);
  process.stdout.write(`${authorized / ((performance.now() - started) / 1_000)}\n`);
}
