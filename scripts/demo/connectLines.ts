/** The lines that connect each MCP client to the demo MCP server. */

/** What one types or writes to connect each client. */
export const connectCommands = (resource: string) => ({
  claudeCode: `claude mcp add --transport http demo ${resource}`,
  cursor: JSON.stringify({ mcpServers: { demo: { url: resource } } }),
  vsCode: `code --add-mcp '${JSON.stringify({ name: 'demo', type: 'http', url: resource })}'`,
});

/**
 * What `npm run demo` prints when both servers answer.
 * @param issuer the authorization server
 * @param resource the demo MCP server's URL
 */
export const connectLines = (issuer: string, resource: string): string => `
The authorization server is ${issuer}
The demo MCP server is      ${resource}

Connect a client:
  Claude Code   ${connectCommands(resource).claudeCode}
  Cursor        put this into ~/.cursor/mcp.json (or .cursor/mcp.json of a project):
                ${connectCommands(resource).cursor}
  VS Code       ${connectCommands(resource).vsCode}

The client opens a browser: sign in as ada@example.com with the password demo-password, choose an organization,
and ask the client to call the tool "whoami". Your connections: ${issuer}/account/connections
Ctrl+C stops both servers.
`;
