import { createHash } from 'node:crypto';
import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { toCounted } from '../amounts';
import type { Bucket, LeaseKeeper, Slice, SliceBudget } from '../leases';
import { windowAt } from '../windows';

/** The next window is prepared so long before it begins, but not before a tenth of this one is left. */
const PREPARED_MS = 5_000;

/** A budget with what slices need to know of it. */
export interface ActiveBudget {
  budget: Budget;
  limits: SliceBudget;
}

/** Makes one. A change of the budget makes another. */
export function activeBudget(budget: Budget): ActiveBudget {
  return {
    budget,
    limits: { limit: toCounted(budget.unit, budget.limit), soft: budget.soft },
  };
}

/** What one value of a budget's split, such as one user, has of it: in this window, and the next. */
export class Account {
  readonly active: ActiveBudget;
  readonly value: string;
  readonly #userUuid: string | undefined;
  readonly #keeper: LeaseKeeper;
  #slice: Slice | undefined;

  /** @param options.userUuid - whose own it is */
  constructor(options: {
    active: ActiveBudget;
    value: string;
    userUuid?: string;
    keeper: LeaseKeeper;
  }) {
    this.active = options.active;
    this.value = options.value;
    this.#userUuid = options.userUuid;
    this.#keeper = options.keeper;
  }

  /** @param atMs - milliseconds since 1970 */
  sliceAt(atMs: number): Slice {
    const slice = this.#slice;
    if (
      slice &&
      atMs < slice.bucket.endMs &&
      atMs >= slice.bucket.startMs &&
      !slice.isGone
    ) {
      return slice;
    }
    this.#slice = this.#keeper.sliceOf(this.bucketAt(atMs), this.active.limits);
    return this.#slice;
  }

  /** Leases for the next window, where requests come now: the first ones need not wait then. */
  prepareNext(nowMs: number): void {
    const slice = this.#slice;
    if (!slice || this.active.limits.soft) {
      return;
    }
    const { startMs, endMs } = slice.bucket;
    const lead = Math.min(PREPARED_MS, (endMs - startMs) / 10);
    const isNear = nowMs >= endMs - lead && nowMs < endMs;
    const isUsed = slice.takenAtMs > nowMs - (endMs - startMs);
    if (isNear && isUsed) {
      const next = this.#keeper.sliceOf(
        this.bucketAt(endMs),
        this.active.limits,
      );
      if (next.takenAtMs < slice.takenAtMs) {
        next.expectAsMuchAs(slice);
        this.#keeper.renewSoon(next);
      }
    }
  }

  /** The bucket of the window in which a moment lies. */
  bucketAt(atMs: number): Bucket {
    const { name, unit, window, timeZone, per } = this.active.budget;
    const { startMs, endMs } = windowAt(window, timeZone, atMs);
    const identity = [name, unit, window, per, this.value, startMs];
    return {
      id: createHash('sha256')
        .update(JSON.stringify(identity))
        .digest('hex')
        .slice(0, 32),
      budget: name,
      unit,
      window,
      per,
      value: this.value,
      userUuid: this.#userUuid,
      startMs,
      endMs,
    };
  }
}
