import { randomUUID } from 'node:crypto';
import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { AccountBook } from '../accounts';
import { Budgets } from '../Budgets';
import { DatabaseTime, LeaseKeeper, LeaseStore } from '../leases';
import { BudgetMatcher } from '../matching';

/** A budget with all that is not said. */
export function budgetOf(
  changes: Partial<Budget> & Pick<Budget, 'name'>,
): Budget {
  return {
    unit: 'requests',
    limit: 100,
    window: 'day',
    timeZone: 'UTC',
    per: 'none',
    match: {},
    alerts: [],
    soft: false,
    notify: [],
    origin: 'config',
    ...changes,
  };
}

/** One replica's budgets, on whatever store, without anything that happens by itself. */
export function startReplica(options: {
  store: LeaseStore;
  budgets: Budget[];
  clock?: () => number;
  startMs?: number;
  withoutDatabase?: 'deny' | 'allow';
}) {
  const { clock, startMs, store } = options;
  const id = randomUUID();
  const time = new DatabaseTime({ clock, startMs });
  const keeper = new LeaseKeeper({ store, replica: id, time });
  const book = new AccountBook({ keeper });
  const setBudgets = (budgets: Budget[]) =>
    book.setBudgets(
      budgets.map(budget => ({ budget, matcher: new BudgetMatcher(budget) })),
    );
  setBudgets(options.budgets);
  const budgets = new Budgets({
    book,
    keeper,
    time,
    alerts: { usedUp: () => {} },
    withoutDatabase: options.withoutDatabase ?? 'deny',
    totalsOfOthers: async () => new Map(),
  });
  return { id, time, keeper, book, budgets, setBudgets };
}

export type TestReplica = ReturnType<typeof startReplica>;

/** Waits until everything has happened that needs no time. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}
