export { Account, activeBudget } from './Account';
export type { ActiveBudget } from './Account';
export { AccountBook, GRANT_BUDGET, grantBudget } from './AccountBook';
export type { MatchedBudget } from './AccountBook';
