export * from './AgentAuthService';
export { agentAuthServiceRef } from './agentAuthServiceRef';
