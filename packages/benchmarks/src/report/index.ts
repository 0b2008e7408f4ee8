export { budgetRows, type BudgetVerdict } from './budgets';
export { describeMachine, machineText, type Machine } from './machine';
export {
  createReport,
  renderMarkdown,
  renderText,
  type Report,
} from './report';
export { MARKDOWN, TEXT, type Style } from './tables';
