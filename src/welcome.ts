/** What the server says when it is up: where it is, whom to sign in as, and what to do next. */
import type { Config } from './config.js';

/**
 * @param demoAccounts accounts of the demo directory, when it is in use
 * @returns the text for the terminal
 */
export function welcome(config: Config, demoAccounts: readonly { email: string; password: string }[]): string {
  const accounts = demoAccounts.map(({ email, password }) => `    ${email}  password: ${password}`);
  return [
    '',
    `  MCP authorization server: ${config.issuer}`,
    `  Metadata for clients:     ${config.issuer}/.well-known/oauth-authorization-server`,
    ...(accounts.length > 0 ? ['', '  Demo accounts:', ...accounts] : []),
    '',
    ...(demoAccounts.length > 0
      ? ['  To see a client connect: npm run demo starts this with a demo MCP server beside it.', '']
      : []),
    '  What to do next:',
    `    open ${config.issuer}/account/connections and sign in`,
    '    npm run directory -- --help     accounts, organizations, members',
    '',
  ].join('\n');
}
