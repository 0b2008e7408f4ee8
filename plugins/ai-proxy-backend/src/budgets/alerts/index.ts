export { AlertStore } from './AlertStore';
export { BudgetAlerts } from './BudgetAlerts';
export type { BudgetAlert } from './BudgetAlerts';
export { notifyBudgetAlert } from './notifyBudgetAlert';
