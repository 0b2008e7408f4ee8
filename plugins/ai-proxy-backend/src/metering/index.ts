export { createMeter } from './createMeter';
export type { MeterOptions, UsageMeter } from './createMeter';
export { estimateTokens, InputEstimates } from './estimates';
export type { MeteredUsage } from './MeteredUsage';
export { allTokensOf, inputTokensOf } from './totals';
