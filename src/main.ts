/** Starts the server: configuration → stores → service → listen; SIGTERM drains. Or checks what would stop it. */
import { loadConfig } from './config.js';
import { answerFields } from './http/answerFields.js';
import { createLog } from './log.js';
import { mailInWords } from './mail.js';
import { createTally } from './metrics.js';
import { checkOutbound } from './oauth/cimd/outboundCheck.js';
import { seedDemoDirectory } from './organizations/seedDemoDirectory.js';
import { presentSecret } from './secrets.js';
import { listen } from './server.js';
import { readArguments, USAGE } from './start/arguments.js';
import { endWithTheReader } from './start/brokenPipe.js';
import { startChores } from './start/chores.js';
import { endOnDefects } from './start/defects.js';
import { refuseDemoAccounts } from './start/demoPasswords.js';
import { endOnSignals } from './start/ending.js';
import { exitCodeFor, inWords } from './start/exitCodes.js';
import { boundGarbage } from './start/heap.js';
import { startMetrics } from './start/metrics.js';
import { openStores } from './stores/openStores.js';
import { welcome } from './welcome.js';

/** When the server stops taking requests, those that wait are answered within this, in milliseconds: half of what drain gives. */
const WAITING_ENDS_MS = 5_000;

/** @param besideDemo whether `npm run demo` starts a demo MCP server next */
async function start(besideDemo: boolean): Promise<void> {
  boundGarbage();
  const config = loadConfig();
  const log = createLog(config.logLevel);
  endOnDefects(log);
  const mail = config.smtpUrl === undefined ? undefined : mailInWords(config.smtpUrl);
  if (mail?.warning) log.warn(mail.line);
  const tally = createTally();
  const opened = await openStores(config, (message) => log.warn(message));
  const metrics = await startMetrics(config, tally, opened);
  const { stores } = metrics;
  if (config.demoDirectory) await seedDemoDirectory(stores);
  await refuseDemoAccounts(config, stores);
  let stopping = false;
  // Loaded here, since it takes the most of a start and one that is refused gets no further than this.
  const { assemble } = await import('./start/assemble.js');
  const service = await assemble(config, stores, log, tally, () => stopping);
  const address = { host: config.host, port: config.port, variable: 'PORT' } as const;
  const server = await listen(address, service.handler, answerFields(config.secure));
  const endChores = startChores(service, stores, log);
  // Told when it is known: a host that does not answer holds up no start.
  void checkOutbound(config).then((outbound) => outbound && log[outbound.warning ? 'warn' : 'info'](outbound.line));
  process.stdout.write(`${welcome(config, service.site.demoAccounts, besideDemo)}\n`);
  endOnSignals(log, async () => {
    stopping = true;
    endChores();
    service.site.oauth.tokenWaiting.endWithin(config.shutdownDelay * 1_000 + WAITING_ENDS_MS);
    await server.drain(config.shutdownDelay * 1_000);
    await metrics.end();
    await stores.close();
  });
}

const tasks = {
  serve: () => start(false),
  serveDemo: () => start(true),
  check: async () => {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const config = loadConfig(process.env, presentSecret);
    const { check } = await import('./start/check.js');
    await check(config, say);
    say('Nothing was changed; the server can start.');
  },
  help: async () => void process.stdout.write(`${USAGE}\n`),
};

async function run(): Promise<void> {
  const task = readArguments(process.argv.slice(2));
  if (task === 'check' || task === 'help') endWithTheReader();
  await tasks[task]();
}

run().catch((error: unknown) => {
  process.stderr.write(`The server did not start. ${inWords(error)}\n`);
  process.exit(exitCodeFor(error));
});
