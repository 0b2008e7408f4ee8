export { createMeter } from './createMeter';
export type { MeterOptions, UsageMeter } from './createMeter';
export { estimateInput, estimateTokens } from './estimates';
export type { MeteredUsage } from './MeteredUsage';
