/** The tools of the demo MCP server: each acts in the organization of the caller's connection and in no other. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Caller } from './introspection.js';

/** The scope that each tool needs. */
export const TOOL_SCOPES: Readonly<Record<string, string>> = {
  whoami: 'mcp:read',
  list_notes: 'mcp:read',
  add_note: 'mcp:write',
};

/** Every scope the demo MCP server knows. */
export const SCOPES = [...new Set(Object.values(TOOL_SCOPES))];

/** The notes of each organization, by its id; they live as long as the process. */
export type Notes = Map<string, string[]>;

const MOST_NOTES = 100;

const answer = (content: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(content, null, 2) }],
  structuredContent: content,
});

/**
 * An MCP server for one request of one caller.
 * @param caller whom introspection named for this very request
 * @param notes the notes of all organizations
 */
export const toolsFor = (caller: Caller, notes: Notes): McpServer => {
  const server = new McpServer({ name: 'demo-mcp-server', title: 'Demo MCP server', version: '0.1.0' });
  const organization = { id: caller.org_id, name: caller.org_name };
  const ours = (): string[] => notes.get(caller.org_id) ?? [];

  server.registerTool(
    'whoami',
    {
      title: 'Who am I?',
      description: 'Shows the account, the organization it acts in, and its roles there.',
      annotations: { readOnlyHint: true },
    },
    () =>
      answer({
        account: caller.username,
        organization,
        roles: caller.roles,
        client: caller.client_name ?? caller.client_id,
        connection: caller.connection_id,
        scope: caller.scope,
      }),
  );

  server.registerTool(
    'list_notes',
    {
      title: 'List notes',
      description: "Lists the organization's notes.",
      annotations: { readOnlyHint: true },
    },
    () => answer({ organization, notes: ours() }),
  );

  server.registerTool(
    'add_note',
    {
      title: 'Add a note',
      description: 'Adds a note that everybody in the organization can list.',
      inputSchema: { text: z.string().trim().min(1).max(500).describe('What the note says') },
    },
    ({ text }) => {
      notes.set(caller.org_id, [...ours(), `${caller.username}: ${text}`].slice(-MOST_NOTES));
      return answer({ organization, notes: ours() });
    },
  );

  return server;
};
