import type {
  BudgetSplit,
  BudgetUnit,
  BudgetWindow,
} from '@prompt-corner/plugin-ai-proxy-common';

/** What a budget has in one window, for one value by which it is split. */
export interface Bucket {
  /** Digest of all that tells it from others. */
  id: string;
  /** Name of the budget. */
  budget: string;
  unit: BudgetUnit;
  window: BudgetWindow;
  per: BudgetSplit;
  /** UUID, entity ref or id; empty when the budget is not split. */
  value: string;
  /** UUID of the user whose own it is. */
  userUuid?: string;
  /** Milliseconds since 1970. */
  startMs: number;
  /** Milliseconds since 1970. */
  endMs: number;
}

/**
 * How a replica stands with a bucket, and what it wants to have. Amounts are whole
 * numbers of 10^-9 US dollars, tokens or requests.
 */
export interface LeaseAsk {
  bucket: Bucket;
  /** Whether none about the bucket has been answered yet: then it may have to be made. */
  isFirst: boolean;
  /** Of the budget. */
  limit: number;
  /** Whether the budget never refuses: then it does not matter how much is left. */
  soft: boolean;
  /** By requests of this replica that have ended. */
  spent: number;
  /** For requests of this replica that run. */
  reserved: number;
  /** For requests that wait for an answer. */
  need: number;
  /** For the smallest of them: with less than that nothing can be done. 0 when none waits. */
  needAtLeast: number;
  /** Of what was granted, what may be used while the answer is under way. */
  kept: number;
  /** For the next requests. */
  extra: number;
  /** Grows with each ask of the replica about the bucket. */
  seq: number;
}

/** What came of a {@link LeaseAsk}. */
export interface LeaseAnswer {
  /** What the replica may spend in the whole window, with what it has spent. */
  granted: number;
  /** Spent by all replicas, as far as they have said. */
  spent: number;
  /** Of what others hold: how much they could give back. 0 when the need was met. */
  atHandElsewhere: number;
  /** What replicas that are gone had leased, and had not said they spent. 0 when the need was met. */
  unaccounted: number;
}

/** Where the replicas keep what they share. */
export interface LeaseStore {
  /**
   * Tells how a replica stands with buckets, and leases what it wants.
   * Each ask has its effect as a whole or not at all, even if this throws.
   *
   * @returns an answer for each ask, in their order; undefined where the bucket is
   * deleted or a later ask came first
   * @throws ServiceUnavailableError when nobody knows what came of it
   */
  renew(
    replica: string,
    asks: LeaseAsk[],
  ): Promise<{ nowMs: number; answers: Array<LeaseAnswer | undefined> }>;

  /**
   * Notes that a replica lives.
   *
   * @returns the time of the store's clock, and the ids of those of its buckets of
   * which somebody lacks something that others could give back
   * @throws ServiceUnavailableError when the store does not answer
   */
  beat(replica: string): Promise<{ nowMs: number; scarce: Set<string> }>;
}
