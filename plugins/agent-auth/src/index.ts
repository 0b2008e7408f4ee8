/**
 * Pages of agent access: consent, device sign-in, connections, personal tokens and clients.
 *
 * @packageDocumentation
 */

export { agentAuthPlugin as default } from './plugin';
export { agentAuthApiRef } from './api';
