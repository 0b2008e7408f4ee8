/**
 * Types, permissions and API client of agent access.
 *
 * @packageDocumentation
 */

export * from './AgentAuthClient';
export * from './clients';
export * from './connections';
export * from './consent';
export * from './permissions';
export * from './principals';
export * from './resources';
