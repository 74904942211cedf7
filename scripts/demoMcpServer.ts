/** Runs the demo MCP server by itself: `node dist/scripts/demoMcpServer.js`. */
import type { Command } from 'commander';
import { createProgram, run, say, withExamples } from './cli/command.js';
import { startDemoMcpServer } from './demo/server.js';
import { demoSettings } from './demo/settings.js';

const program = withExamples(
  createProgram(
    'demoMcpServer',
    `Runs the demo MCP server by itself, beside an authorization server that is there already.

Reads ISSUER or PORT of that server, DEMO_MCP_PORT (3001), DEMO_HIDDEN_SCOPES (those that it
does not advertise, separated by spaces), MCP_RESOURCE_URL, OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET.`,
  ),
  'node dist/scripts/demoMcpServer.js',
  'ISSUER=https://auth.example.com node dist/scripts/demoMcpServer.js',
).action(async (_options: object, command: Command) => {
  const { resource, issuer, ...settings } = demoSettings(process.env);
  const server = await startDemoMcpServer({ resource, issuer, ...settings });
  say(command, { text: [`Demo MCP server: ${resource} (asks ${issuer})`], json: { resource, issuer } });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
});
await run(program);
