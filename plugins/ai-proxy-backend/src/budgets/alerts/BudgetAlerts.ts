import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { grantBudget, GRANT_BUDGET } from '../accounts';
import { fromCounted } from '../amounts';
import type { Bucket, DatabaseTime, Slice } from '../leases';
import type { AlertStore, DueAlert } from './AlertStore';

/** What people are told. */
export interface BudgetAlert {
  budget: Budget;
  bucket: Bucket;
  /** Of the limit: what has been reached. 100 also when the rest is too small for requests. */
  percent: number;
  recipients: {
    /** UUID of whose budget it is. */
    user?: string;
    /** Entity ref of the group whose budget it is. */
    team?: string;
    /** Entity refs that the budget names, where it is not one user's. */
    others: string[];
  };
}

/** When so much is spent and a request is refused, the budget counts as used up. */
const NEARLY_ALL_PERCENT = 95;

/** An alert of which nobody was told by then is told of again. */
const TOLD_BY_MS = 60_000;

/** Tells people that budgets are about to be used up: once for each bucket and percentage. */
export class BudgetAlerts {
  readonly #store: AlertStore;
  readonly #time: DatabaseTime;
  readonly #findBudget: (name: string) => Budget | undefined;
  readonly #onAlert: (alert: BudgetAlert) => Promise<void>;
  readonly #logger: LoggerService;
  /** The highest percentage that this replica knows to be noted. */
  readonly #noted = new WeakMap<Slice, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: {
    store: AlertStore;
    time: DatabaseTime;
    findBudget: (name: string) => Budget | undefined;
    /** Tells people. When it fails it is called again after a minute. */
    onAlert: (alert: BudgetAlert) => Promise<void>;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#time = options.time;
    this.#findBudget = options.findBudget;
    this.#onAlert = options.onAlert;
    this.#logger = options.logger;
  }

  /** Something is known of what has been spent. */
  renewed(slice: Slice): void {
    this.#reached(slice, percentOf(slice, slice.spentEverywhere));
  }

  /** A request has been refused, as too little is left for it. */
  usedUp(slice: Slice): void {
    const percent = percentOf(slice, slice.goneEverywhere);
    this.#reached(slice, percent >= NEARLY_ALL_PERCENT ? 100 : percent);
  }

  /** Tells of what a replica, this one or another, could not tell of. */
  async tellUntold(): Promise<void> {
    const due = await this.#store.claimUntold({
      nowMs: this.#time.now(),
      ageMs: TOLD_BY_MS,
    });
    for (const alert of due) {
      await this.#tell(alert);
    }
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #reached(slice: Slice, percent: number): void {
    const noted = this.#noted.get(slice) ?? 0;
    if (percent <= noted) {
      return;
    }
    const { bucket, budget } = slice;
    const percents =
      this.#budgetOf(bucket, budget.limit)?.alerts.filter(
        alert => alert <= percent && alert > noted,
      ) ?? [];
    if (!percents.length) {
      return;
    }
    this.#noted.set(slice, Math.max(...percents));
    const running = this.#claim(slice, percents)
      .catch(error => {
        this.#noted.set(slice, noted);
        this.#logger.warn('An alert of a budget could not be noted', error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #claim(slice: Slice, percents: number[]): Promise<void> {
    const { bucket, budget } = slice;
    const nowMs = this.#time.now();
    const percent = await this.#store.claim(bucket.id, percents, nowMs);
    if (percent !== undefined) {
      await this.#tell({ bucket, percent, limit: budget.limit });
    }
  }

  async #tell({ bucket, percent, limit }: DueAlert): Promise<void> {
    const budget = this.#budgetOf(bucket, limit);
    try {
      if (budget) {
        await this.#onAlert({
          budget,
          bucket,
          percent,
          recipients: recipientsOf(budget, bucket),
        });
      }
      await this.#store.markTold(bucket.id, percent);
    } catch (error) {
      this.#logger.warn(
        `Nobody could be told that ${percent} % of the budget "${bucket.budget}" are used; it is tried again`,
        error as Error,
      );
    }
  }

  #budgetOf(bucket: Bucket, limit: number): Budget | undefined {
    return bucket.budget === GRANT_BUDGET
      ? grantBudget(fromCounted('usd', limit))
      : this.#findBudget(bucket.budget);
  }
}

function percentOf({ budget }: Slice, amount: number): number {
  return Math.floor((amount / budget.limit) * 100);
}

function recipientsOf(
  { per, notify }: Budget,
  { value, userUuid }: Bucket,
): BudgetAlert['recipients'] {
  switch (per) {
    case 'user':
    case 'connection':
      return { user: userUuid, others: [] };
    case 'team':
      return { team: value, others: notify };
    default:
      return { others: notify };
  }
}
