/** Preloaded into a server under test: the look-ups of strangers' names ask the name server NAME_SERVER. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const { Resolver } = dns.promises;
dns.promises.Resolver = class extends Resolver {
  constructor(options) {
    super(options);
    this.setServers([process.env.NAME_SERVER]);
  }
};
syncBuiltinESMExports();
