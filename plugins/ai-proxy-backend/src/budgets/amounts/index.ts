export {
  amountIn,
  fromCounted,
  isAmount,
  toCounted,
  wholeAmount,
} from './amounts';
export type { Amount } from './amounts';
