/** Decides, before a tool runs, whether the caller's scopes cover it. */
import { z } from 'zod';
import { TOOL_SCOPES } from './tools.js';

const ToolCall = z.object({ method: z.literal('tools/call'), params: z.object({ name: z.string() }) });

/**
 * The scopes to ask for when a request calls a tool that the granted ones do not cover: the granted ones and the
 * missing one together, so that a step-up loses nothing. `undefined` when nothing is missing.
 * @param body the JSON-RPC message or batch
 * @param granted the caller's scopes
 */
export const missingScope = (body: unknown, granted: readonly string[]): string | undefined => {
  const needed = [body]
    .flat()
    .map((message) => ToolCall.safeParse(message).data?.params.name)
    .map((name) => (name !== undefined && Object.hasOwn(TOOL_SCOPES, name) ? TOOL_SCOPES[name] : undefined))
    .filter((scope) => scope !== undefined && !granted.includes(scope));
  return needed.length === 0 ? undefined : [...new Set([...granted, ...needed])].join(' ');
};
