import type { BudgetUnit } from '@prompt-corner/plugin-ai-proxy-common';

const DOLLARS = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
});
const NUMBER = new Intl.NumberFormat('en-US');

/** Such as `$12.50`, `1,000 tokens` or `1 request`. */
export function amountText(unit: BudgetUnit, amount: number): string {
  if (unit === 'usd') {
    return DOLLARS.format(amount);
  }
  return `${NUMBER.format(amount)} ${amount === 1 ? unit.slice(0, -1) : unit}`;
}
