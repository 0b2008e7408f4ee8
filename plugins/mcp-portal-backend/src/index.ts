/**
 * One governed endpoint for every MCP server that a caller may use.
 *
 * @packageDocumentation
 */

export { mcpPortalPlugin as default } from './plugin';
