export * from './columns';
export { DatabaseUsageStore } from './DatabaseUsageStore';
export { storableEvent } from './EventRow';
export type { StorableEvent } from './EventRow';
export { estimateQuantile } from './histogram';
export { UnstorableError } from './UnstorableError';
export { UsageRetention } from './UsageRetention';
export type { UsageStore } from './UsageStore';
