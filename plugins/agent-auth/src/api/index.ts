export { agentAuthApi } from './agentAuthApi';
export { agentAuthApiRef } from './agentAuthApiRef';
