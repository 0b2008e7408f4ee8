export { UsageLog } from './UsageLog';
export type { UsageLogStatus } from './UsageLog';
