export { amountIn, fromCounted, toCounted, wholeAmount } from './amounts';
export type { Amount } from './amounts';
