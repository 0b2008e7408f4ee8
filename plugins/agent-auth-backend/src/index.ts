/**
 * OAuth authorization server for coding agents, MCP clients and CI.
 *
 * @packageDocumentation
 */

export { agentAuthPlugin as default } from './plugin';
