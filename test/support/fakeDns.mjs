/** Preloaded into a server under test: names below `attack.test` resolve to what FAKE_DNS says, in turn; no others change. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const answers = new Map(Object.entries(JSON.parse(process.env.FAKE_DNS ?? '{}')));
const next = (hostname) => {
  const inTurn = answers.get(hostname);
  return inTurn && (inTurn.length > 1 ? inTurn.shift() : inTurn[0]);
};
const familyOf = (address) => (address.includes(':') ? 6 : 4);

const lookup = dns.lookup;
dns.lookup = (hostname, options, callback) => {
  const addresses = next(hostname);
  if (!addresses) return lookup(hostname, options, callback);
  const found = addresses.map((address) => ({ address, family: familyOf(address) }));
  setImmediate(() => (options?.all ? callback(null, found) : callback(null, found[0].address, found[0].family)));
};

/** A look-up asks for IPv4 and then for IPv6: both belong to one turn. */
const turns = new WeakMap();
const { prototype } = dns.promises.Resolver;
for (const [name, family] of [
  ['resolve4', 4],
  ['resolve6', 6],
]) {
  const real = prototype[name];
  prototype[name] = async function resolve(hostname, ...rest) {
    const turn = family === 4 ? next(hostname) : turns.get(this);
    if (!turn) return real.call(this, hostname, ...rest);
    turns.set(this, turn);
    const found = turn.filter((address) => familyOf(address) === family);
    if (found.length === 0) throw Object.assign(new Error(`queryA ENODATA ${hostname}`), { code: 'ENODATA' });
    return found;
  };
}
syncBuiltinESMExports();
