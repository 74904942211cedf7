/** Settings of the demo MCP server, from its environment. */
import { z } from 'zod';
import { UsageError } from '../cli/exitCodes.js';

/** The resource that config/default.json describes. */
export const DEFAULT_RESOURCE = 'http://localhost:3001/mcp';

const Environment = z.object({
  ISSUER: z.url().exactOptional(),
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  DEMO_MCP_PORT: z.coerce.number().int().min(1).max(65_535).default(3001),
  DEMO_HIDDEN_SCOPES: z.string().default(''),
  MCP_RESOURCE_URL: z.url().exactOptional(),
  OAUTH_CLIENT_ID: z.string().min(1).default('demo-mcp-server'),
  OAUTH_CLIENT_SECRET: z.string().min(1).default('demo-mcp-server-secret'),
});

export interface DemoSettings {
  issuer: string;
  port: number;
  /** The MCP server's URL, which is also the resource indicator its tokens are for. */
  resource: string;
  /** Scopes that it does not advertise: `hiddenScopes` of its resource at the authorization server. */
  hiddenScopes: string[];
  clientId: string;
  clientSecret: string;
}

/**
 * The settings, with defaults that fit `npm start` beside it; made for each other.
 * @param env the process's environment
 * @throws UsageError naming each variable that cannot be used
 */
export const demoSettings = (env: NodeJS.ProcessEnv): DemoSettings => {
  const parsed = Environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success)
    throw new UsageError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  const values = parsed.data;
  return {
    issuer: values.ISSUER ?? `http://localhost:${values.PORT}`,
    port: values.DEMO_MCP_PORT,
    resource: values.MCP_RESOURCE_URL ?? `http://localhost:${values.DEMO_MCP_PORT}/mcp`,
    hiddenScopes: values.DEMO_HIDDEN_SCOPES.split(' '),
    clientId: values.OAUTH_CLIENT_ID,
    clientSecret: values.OAUTH_CLIENT_SECRET,
  };
};
