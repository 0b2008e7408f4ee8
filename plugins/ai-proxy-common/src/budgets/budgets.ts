/** What budgets and limits count. @public */
export type BudgetUnit = 'usd' | 'tokens' | 'requests';

/** Calendar windows; a week begins on Monday. @public */
export type BudgetWindow = 'minute' | 'hour' | 'day' | 'week' | 'month';
