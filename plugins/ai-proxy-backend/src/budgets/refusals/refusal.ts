import type {
  Budget,
  BudgetRefusal,
  BudgetRefusalReason,
} from '@prompt-corner/plugin-ai-proxy-common';
import { DateTime } from 'luxon';
import type { Account } from '../accounts';
import { fromCounted } from '../amounts';
import type { Slice } from '../leases';
import { amountText } from './texts';

/** Requests that run, and a database that is back, free something within seconds. */
const SOON_SECONDS = 2;

/**
 * Words a budget's no for the caller. Numbers of others are left out: of a budget
 * that is shared, they see its size, and that it does not do.
 *
 * @param options.need - what was asked for, as counted
 */
export function refusalOf(options: {
  account: Account;
  slice: Slice;
  need: number;
  reason: BudgetRefusalReason;
  nowMs: number;
}): BudgetRefusal {
  const { account, slice, need, nowMs } = options;
  const { budget } = account.active;
  const { unit, window, limit, name, per } = budget;
  const { endMs } = slice.bucket;
  const reason =
    need > slice.budget.limit && options.reason !== 'unavailable'
      ? 'too-large'
      : options.reason;
  const isOwn = per === 'user' || per === 'connection';
  const resetSeconds = Math.max(1, Math.ceil((endMs - nowMs) / 1_000));
  const isSoon = reason === 'held' || reason === 'unavailable';
  const resetsAt = new Date(endMs).toISOString();
  return {
    kind: 'refusal',
    reason,
    status: reason === 'unavailable' ? 503 : 429,
    budget: name,
    unit,
    limit,
    ...(isOwn ? { spent: fromCounted(unit, slice.spentEverywhere) } : {}),
    window,
    resetsAt,
    retryAfterSeconds: isSoon
      ? Math.min(SOON_SECONDS, resetSeconds)
      : resetSeconds,
    message: `${subject(budget, slice)} ${verdict(
      reason,
      amountText(unit, fromCounted(unit, need)),
      resetText(budget, endMs),
    )}`,
  };
}

function subject(budget: Budget, slice: Slice): string {
  const { name, unit, limit, window } = budget;
  const size = `${amountText(unit, limit)} a ${window}`;
  switch (budget.per) {
    case 'user':
      return `Your budget "${name}" (${size})`;
    case 'team':
      return `The budget "${name}" (${size}) of ${slice.bucket.value}`;
    case 'client':
      return `The budget "${name}" (${size}) of this client`;
    case 'connection':
      return `The budget "${name}" (${size}) of this connection`;
    default:
      return `The budget "${name}" (${size})`;
  }
}

function verdict(
  reason: BudgetRefusalReason,
  need: string,
  reset: string,
): string {
  switch (reason) {
    case 'used-up':
      return `has too little left for this request, which may take ${need}. It begins anew ${reset}. Until then use a cheaper model or a smaller maximum of output tokens, or ask an administrator for more.`;
    case 'held':
      return `has what is left reserved for requests that still run; this one may take ${need}. Try again in a few seconds, or with a smaller maximum of output tokens. It begins anew ${reset}.`;
    case 'too-large':
      return `is smaller than what this request alone may take, ${need}. Use a cheaper model, a smaller maximum of output tokens or less input, or ask an administrator for more.`;
    default:
      return 'cannot be checked, as the database does not answer. Try again in a few seconds; when it goes on, tell an administrator.';
  }
}

function resetText({ timeZone, window }: Budget, endMs: number): string {
  const zone = window === 'minute' || window === 'hour' ? 'UTC' : timeZone;
  const at = DateTime.fromMillis(endMs, { zone, locale: 'en-US' });
  return `at ${at.toFormat('yyyy-MM-dd HH:mm')} (${zone})`;
}
