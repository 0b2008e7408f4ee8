/**
 * How configurations of clients name MCP servers. Runs in browsers too.
 *
 * @packageDocumentation
 */
export { allowedMcpServers, codexMcpServer, mcpServersFor } from './mcpServers';
export type { JsonClient, McpServer } from './mcpServers';
