import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';

/** Whether a server is an API, whose operations are requested, and no MCP server. */
export function isApi({ remotes }: { remotes: readonly ServerRemote[] }) {
  return remotes.some(({ type }) => type === 'openapi');
}
