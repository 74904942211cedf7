/** `npm run demo`: the authorization server and the demo MCP server side by side. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { StartError } from '#src/startError.js';
import { createProgram, run, say, wantsJson, withExamples } from './cli/command.js';
import { demoConfigFile } from './demo/configFile.js';
import { connectCommands, connectLines } from './demo/connectLines.js';
import { isTaken, takenMessage } from './demo/ports.js';
import { startDemoMcpServer } from './demo/server.js';
import { DEFAULT_RESOURCE, type DemoSettings, demoSettings } from './demo/settings.js';

const program = withExamples(
  createProgram(
    'demo',
    `Starts the authorization server and a demo MCP server beside it, and says how to connect clients.

Reads the environment of the server, and DEMO_MCP_PORT (3001). With --json standard output has one document, once both
servers answer; what the server says goes to standard error.`,
  ),
  'npm run demo',
  'PORT=3010 DEMO_MCP_PORT=3011 npm run demo',
).action(async (_options: object, command: Command) => {
  const settings = demoSettings(process.env);
  const port = Number(process.env.PORT || 3000);
  await demandPorts(port, settings.port);
  process.exitCode = await demo(settings, port, command);
});

async function demandPorts(port: number, demoPort: number): Promise<void> {
  const taken = [
    (await isTaken(port)) && takenMessage(port, 'the authorization server', 'PORT'),
    (await isTaken(demoPort)) && takenMessage(demoPort, 'the demo MCP server', 'DEMO_MCP_PORT'),
  ].filter((message) => message !== false);
  if (taken.length > 0) throw new StartError(taken.join('\n'));
}

/** @returns the exit code of the authorization server, once it has ended */
async function demo(settings: DemoSettings, port: number, command: Command): Promise<number> {
  // The authorization server issues tokens only for resources that its config file lists.
  const moved = settings.resource !== DEFAULT_RESOURCE && !process.env.CONFIG_FILE;
  const configFile = moved ? await demoConfigFile(settings.resource) : undefined;
  const server = spawn(process.execPath, ['dist/main.js', '--demo'], {
    env: {
      ...process.env,
      PORT: String(port),
      ISSUER: settings.issuer,
      ...(configFile ? { CONFIG_FILE: configFile } : {}),
    },
    stdio: ['inherit', wantsJson(command) ? process.stderr : 'inherit', 'inherit'],
    // A process group of its own: Ctrl+C would reach it twice otherwise, from the terminal and from here.
    detached: true,
  });
  const exited = new Promise<number>((resolve) => {
    server.once('exit', (code) => resolve(code ?? 0));
  });
  // Whatever ends this process ends the other one too.
  process.once('exit', () => {
    server.kill();
    if (configFile) rmSync(dirname(configFile), { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => server.kill(signal));

  const hasEnded = exited.then(() => true);
  if (!(await ready(port, hasEnded))) return (await exited) || 1;
  const mcpServer = await startDemoMcpServer(settings);
  const { issuer, resource } = settings;
  say(command, {
    text: [connectLines(issuer, resource)],
    json: { issuer, resource, connect: connectCommands(resource) },
  });
  const code = await exited;
  mcpServer.close();
  mcpServer.closeAllConnections();
  return code;
}

/** @returns whether the server answers, which it does not when it has ended */
async function ready(port: number, hasEnded: Promise<boolean>): Promise<boolean> {
  for (;;) {
    const answers = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return true;
    if (await Promise.race([hasEnded, sleep(100, false)])) return false;
  }
}

await run(program);
