export { createUsageRoutes } from './createUsageRoutes';
export type { UsageRoutesOptions } from './createUsageRoutes';
