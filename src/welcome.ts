/** What the server says when it is up: where it is, whom to sign in as, and what to do next. */
import type { Config } from './config.js';

/**
 * @param demoAccounts accounts of the demo directory, when it is in use
 * @param besideDemo whether a demo MCP server starts next
 * @returns the text for the terminal
 */
export function welcome(
  config: Config,
  demoAccounts: readonly { email: string; password: string }[],
  besideDemo = false,
): string {
  const accounts = demoAccounts.map(({ email, password }) => `    ${email}  password: ${password}`);
  const client = besideDemo
    ? 'The demo MCP server starts now; below it says how a client connects.'
    : 'To see a client connect: npm run demo starts this with a demo MCP server beside it.';
  return [
    '',
    `  MCP authorization server: ${config.issuer}`,
    `  Metadata for clients:     ${config.baseUrl}/.well-known/oauth-authorization-server`,
    ...(accounts.length > 0 ? ['', '  Demo accounts:', ...accounts] : []),
    '',
    ...(besideDemo || demoAccounts.length > 0 ? [`  ${client}`, ''] : []),
    ...(besideDemo ? [] : whatNext(config)),
  ].join('\n');
}

const whatNext = ({ baseUrl }: Config): string[] => [
  '  What to do next:',
  `    open ${baseUrl}/account/connections and sign in`,
  '    npm run directory -- --help     accounts, organizations, members',
  '',
];
