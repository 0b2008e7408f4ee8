export { ClaudeCode } from './ClaudeCode';
export type { GatewayState } from './ClaudeCode';
