export { BudgetDefinitions } from './BudgetDefinitions';
export { BudgetStore } from './BudgetStore';
export type { BudgetChange } from './BudgetStore';
export { parseBudget } from './BudgetSchema';
export { readBudgetsConfig } from './config';
export type { BudgetsConfig } from './config';
