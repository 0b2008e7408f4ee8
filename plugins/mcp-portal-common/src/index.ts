/**
 * Types and permissions of the MCP portal, for browsers and backends.
 *
 * @packageDocumentation
 */

export * from './approvals/approvals';
export * from './audit/auditRecords';
export * from './codeMode/executions';
export * from './codeMode/tools';
export * from './exports/clientExports';
export * from './permissions';
export * from './policy/decisions';
export * from './servers/servers';
export * from './tools/definitions';
