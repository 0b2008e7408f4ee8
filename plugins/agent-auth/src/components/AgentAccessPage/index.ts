export { AgentAccessPage } from './AgentAccessPage';
export type { SubPage } from './AgentAccessPage';
