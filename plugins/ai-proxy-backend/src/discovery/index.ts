export { readDiscoveryConfig } from './config';
export type { DiscoveryConfig } from './config';
export { createDiscovery, DISCOVERY_PATHS } from './createDiscovery';
export type { Discovery, DiscoveryOptions } from './createDiscovery';
export type { DiscoveryStatus } from './AgentConfigs';
