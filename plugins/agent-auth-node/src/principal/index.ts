export * from './AgentPrincipal';
