import type { Tool } from '@modelcontextprotocol/server';
import {
  codeModeExecuteTool,
  codeModeSearchTool,
} from '@prompt-corner/plugin-mcp-portal-common';

/** Looks at tools. */
export const SEARCH: Tool = codeModeSearchTool;

/** Calls tools. */
export const EXECUTE: Tool = codeModeExecuteTool;
