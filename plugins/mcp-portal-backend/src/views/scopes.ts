import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';

/** What a token has to be allowed for a tool. */
export function requiredScope(toolClass: ToolClass): string {
  return toolClass === 'read' ? 'tools:read' : 'tools:write';
}
