export { BudgetMatcher } from './BudgetMatcher';
export type { Demand, OpenDemand } from './Demand';
