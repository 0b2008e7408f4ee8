import { InputError } from '@backstage/errors';
import type { BudgetUnit } from '@prompt-corner/plugin-ai-proxy-common';

/** How much a request takes, at most or in the end. Whole numbers. */
export interface Amount {
  /** In 10^-9 US dollars; 0 where nobody has said what the model costs. */
  nanoUsd: number;
  tokens: number;
  requests: number;
}

const NANO_USD = 1_000_000_000;

/** What a request takes of a budget: 10^-9 US dollars, tokens or requests. */
export function amountIn(unit: BudgetUnit, amount: Amount): number {
  switch (unit) {
    case 'usd':
      return amount.nanoUsd;
    case 'tokens':
      return amount.tokens;
    default:
      return amount.requests;
  }
}

/** From US dollars, tokens or requests to what is counted, a whole number. */
export function toCounted(unit: BudgetUnit, value: number): number {
  return Math.round(unit === 'usd' ? value * NANO_USD : value);
}

/** From what is counted to US dollars, tokens or requests. */
export function fromCounted(unit: BudgetUnit, counted: number): number {
  return unit === 'usd' ? counted / NANO_USD : counted;
}

/** Whether all of it are numbers, and none is negative. */
export function isAmount({ nanoUsd, tokens, requests }: Amount): boolean {
  return nanoUsd >= 0 && tokens >= 0 && requests >= 0;
}

/**
 * Rounds an amount up to whole numbers.
 *
 * @throws InputError when one is negative or no number: to count it as nothing would be a way around budgets
 */
export function wholeAmount(amount: Amount): Amount {
  const { nanoUsd, tokens, requests } = amount;
  if (!isAmount(amount)) {
    throw new InputError(
      `A request cannot take ${nanoUsd} nano-dollars, ${tokens} tokens and ${requests} requests: none of them may be negative`,
    );
  }
  return Number.isSafeInteger(nanoUsd) &&
    Number.isSafeInteger(tokens) &&
    Number.isSafeInteger(requests)
    ? amount
    : {
        nanoUsd: whole(nanoUsd),
        tokens: whole(tokens),
        requests: whole(requests),
      };
}

function whole(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER);
}
