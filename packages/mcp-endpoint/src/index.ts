/**
 * What every HTTP endpoint for MCP clients needs before the protocol begins:
 * a guard against web pages, a rate limit, and reading the message.
 *
 * @packageDocumentation
 */

export { readMessage, sendRpcError } from './messages';
export { RateLimit } from './RateLimit';
export { RequestGuard } from './RequestGuard';
