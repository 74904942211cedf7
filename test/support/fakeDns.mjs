/** Preloaded into a server under test: names below `attack.test` resolve to what FAKE_DNS says, in turn; no others change. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const answers = new Map(Object.entries(JSON.parse(process.env.FAKE_DNS ?? '{}')));
const real = dns.lookup;

dns.lookup = (hostname, options, callback) => {
  const inTurn = answers.get(hostname);
  if (!inTurn) return real(hostname, options, callback);
  const addresses = inTurn.length > 1 ? inTurn.shift() : inTurn[0];
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  setImmediate(() => (options?.all ? callback(null, found) : callback(null, found[0].address, found[0].family)));
};
syncBuiltinESMExports();
