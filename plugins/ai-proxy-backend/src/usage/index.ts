export { createUsage } from './createUsage';
export type { UsageOptions } from './createUsage';
export { UsageLog } from './log';
export type { UsageLogStatus } from './log';
export type { IsOpenWeight, ModelName } from './queries';
