/** `npm run demo`: the authorization server and the demo MCP server side by side. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoConfigFile } from './demo/configFile.js';
import { connectLines } from './demo/connectLines.js';
import { isTaken, takenMessage } from './demo/ports.js';
import { startDemoMcpServer } from './demo/server.js';
import { DEFAULT_RESOURCE, demoSettings } from './demo/settings.js';

const settings = demoSettings(process.env);
const port = Number(process.env.PORT || 3000);

const taken = [
  (await isTaken(port)) && takenMessage(port, 'the authorization server', 'PORT'),
  (await isTaken(settings.port)) && takenMessage(settings.port, 'the demo MCP server', 'DEMO_MCP_PORT'),
].filter((message) => message !== false);
if (taken.length > 0) {
  console.error(taken.join('\n'));
  process.exit(1);
}

// The authorization server issues tokens only for resources that its config file lists.
const moved = settings.resource !== DEFAULT_RESOURCE && !process.env.CONFIG_FILE;
const configFile = moved ? await demoConfigFile(settings.resource) : undefined;
const authorizationServer = spawn(process.execPath, ['dist/main.js'], {
  env: {
    ...process.env,
    PORT: String(port),
    ISSUER: settings.issuer,
    ...(configFile ? { CONFIG_FILE: configFile } : {}),
  },
  stdio: 'inherit',
  // A process group of its own: Ctrl+C would reach it twice otherwise, from the terminal and from here.
  detached: true,
});
const exited = new Promise<number>((resolve) => {
  authorizationServer.once('exit', (code) => resolve(code ?? 0));
});

// Whatever ends this process ends the other one too.
process.once('exit', () => {
  authorizationServer.kill();
  if (configFile) rmSync(dirname(configFile), { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => authorizationServer.kill(signal));
}

const isReady = async (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );

const ready = async (): Promise<boolean> => {
  while (authorizationServer.exitCode === null && authorizationServer.signalCode === null) {
    if (await isReady()) {
      return true;
    }
    await sleep(100);
  }
  return false;
};

if (await ready()) {
  const demo = await startDemoMcpServer(settings);
  console.log(connectLines(settings.issuer, settings.resource));
  process.exitCode = await exited;
  demo.close();
  demo.closeAllConnections();
} else {
  process.exitCode = (await exited) || 1;
}
