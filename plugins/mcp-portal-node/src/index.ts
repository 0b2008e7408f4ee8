/**
 * Extension points of the MCP portal.
 *
 * @packageDocumentation
 */

export * from './CallGuard';
export * from './extensionPoint';
