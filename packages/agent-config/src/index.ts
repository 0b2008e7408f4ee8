/**
 * Compiles agents, commands, instructions, permissions, MCP servers and
 * settings, written as markdown and YAML, into configurations of coding tools.
 *
 * @packageDocumentation
 */

export * from './clients';
export * from './compile';
export { validateOpenCodeConfig } from './schema';
export * from './sources';
