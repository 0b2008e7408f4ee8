import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';

/**
 * The class that a tool claims for itself by its annotations (MCP
 * 2025-03-26 and later). It is the server's word, so it only fills in the form
 * of the approver.
 */
export function suggestedClass(tool: Record<string, unknown>): ToolClass {
  const annotations = tool.annotations as
    | { readOnlyHint?: unknown; destructiveHint?: unknown }
    | null
    | undefined;
  if (annotations?.destructiveHint === true) {
    return 'destructive';
  }
  return annotations?.readOnlyHint === true ? 'read' : 'write';
}
