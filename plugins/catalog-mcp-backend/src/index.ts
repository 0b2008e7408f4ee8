/**
 * The Backstage software catalog as an MCP server.
 *
 * @packageDocumentation
 */

export { catalogMcpPlugin as default } from './plugin';
