/** Runs the demo MCP server by itself: `node dist/scripts/demoMcpServer.js`. */
import { startDemoMcpServer } from './demo/server.js';
import { demoSettings } from './demo/settings.js';

const settings = demoSettings(process.env);
const server = await startDemoMcpServer(settings);
console.log(`Demo MCP server: ${settings.resource} (asks ${settings.issuer})`);

const stop = (): void => {
  server.close();
  server.closeAllConnections();
};
process.once('SIGINT', stop).once('SIGTERM', stop);
