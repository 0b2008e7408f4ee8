import type { Bucket, LeaseAnswer, LeaseAsk } from './LeaseStore';

/** What came of waiting for a lease. */
export type Acquired = 'granted' | 'used-up' | 'held' | 'unavailable';

/** A request that waits until there is enough for it. */
export interface Waiter {
  need: number;
  /** Whether the store has been asked for it. */
  isAsked: boolean;
  /** For how many ticks it goes on waiting when others may give something back. */
  patience: number;
  resolve(outcome: Acquired): void;
}

/** What a slice is of, as it is at the moment: an administrator may change it. */
export interface SliceBudget {
  /** In 10^-9 US dollars, tokens or requests. */
  limit: number;
  soft: boolean;
}

/** So many of the largest of the last requests are kept at hand. */
const REQUESTS_AT_HAND = 2;

/** And as much as was reserved in so many ticks. */
const TICKS_AT_HAND = 10;

/** How much of the pace of requests remains after a tick without any. */
const PACE_KEPT = 0.9;

/** How much of the largest request remains after a smaller one. */
const LARGEST_KEPT = 0.98;

/** When nobody took anything for so long, everything is given back. */
const IDLE_MS = 10 * 60_000;

/**
 * What this replica has of a bucket. All amounts are whole numbers, and
 * `spent + reserved <= granted` holds but for requests that took more than was
 * reserved, soft budgets, and requests let through without the database.
 */
export class Slice {
  readonly bucket: Bucket;

  /** By requests of this replica that have ended. */
  spent = 0;
  /** For requests of this replica that run. */
  reserved = 0;
  /** By other replicas, as far as is known. Never shrinks. */
  spentElsewhere = 0;
  /**
   * What replicas that are gone had leased and may have spent, as far as is known.
   * Forgotten at each tick, as they may come back.
   */
  unaccounted = 0;
  /** In the order in which they came. */
  readonly waiting: Waiter[] = [];
  /** Whether the store does not know yet what has changed. */
  isDirty = false;
  /** Whether somebody else lacks what this replica could give back. */
  isScarce = false;
  /** Whether the store has deleted the bucket. */
  isGone = false;
  /** Milliseconds since 1970: when a request last took of it. */
  takenAtMs = 0;

  #budget: SliceBudget;
  /** In the whole window. At most what the store has for this replica. */
  #granted = 0;
  #seq = 0;
  #isFirst = true;
  #givesBack = false;
  /** Whether the store had less for later than was asked for. */
  #isLean = false;
  /** Reserved since the last tick. */
  #taken = 0;
  /** Reserved in a tick, on average. */
  #pace = 0;
  /** The largest reservation of late. */
  #largest = 0;

  constructor(options: { bucket: Bucket; budget: SliceBudget }) {
    this.bucket = options.bucket;
    this.#budget = options.budget;
  }

  get budget(): SliceBudget {
    return this.#budget;
  }

  /** What was leased under a higher limit is given back, and leased again under the lower one. */
  set budget(budget: SliceBudget) {
    if (budget.limit < this.#budget.limit || budget.soft) {
      this.#givesBack = true;
      this.isDirty = true;
    }
    this.#budget = budget;
  }

  /** What can be reserved without asking. Negative when more was taken than granted. */
  get free(): number {
    return this.#granted - this.spent - this.reserved;
  }

  /** Spent by all replicas, as far as is known. */
  get spentEverywhere(): number {
    return this.spent + this.spentElsewhere;
  }

  /** And what nobody can spend anymore. */
  get goneEverywhere(): number {
    return this.spentEverywhere + this.unaccounted;
  }

  /** Whether a request fits without asking. One that takes nothing always does. */
  has(need: number): boolean {
    return need <= this.free || need === 0 || this.#budget.soft;
  }

  /** Whether what has been spent leaves too little, whatever others give back. */
  isUsedUp(need: number): boolean {
    return this.goneEverywhere + need > this.#budget.limit;
  }

  /** Whether it is time to ask for more, before requests have to wait. */
  get runsLow(): boolean {
    return (
      !this.isScarce &&
      !this.#isLean &&
      !this.#budget.soft &&
      this.free * 2 < this.#atHand() &&
      !this.isUsedUp(1)
    );
  }

  /** Whether more was taken than granted, which others should learn at once. */
  get isOverdrawn(): boolean {
    return this.free < 0 && !this.#budget.soft;
  }

  /** Reserves, whether there is enough or not. */
  take(need: number, nowMs: number): void {
    this.reserved += need;
    this.#taken += need;
    this.isDirty = true;
    this.expect(need, nowMs);
  }

  /** Learns what requests take. */
  expect(need: number, nowMs: number): void {
    this.#largest = Math.max(this.#largest * LARGEST_KEPT, need);
    this.takenAtMs = nowMs;
  }

  /** Ends a reservation. */
  settle(reserved: number, actual: number): void {
    this.reserved -= reserved;
    this.spent += actual;
    this.isDirty = true;
  }

  /** Learns from the slice of the window before what requests are like. */
  expectAsMuchAs(other: Slice): void {
    this.#pace = other.#pace;
    this.#largest = other.#largest;
    this.takenAtMs = other.takenAtMs;
  }

  /** Brings the pace of requests up to date. @returns whether there is something to tell the store */
  tick(nowMs: number): boolean {
    this.#pace = this.#pace * PACE_KEPT + this.#taken * (1 - PACE_KEPT);
    this.#taken = 0;
    this.#isLean = false;
    this.unaccounted = 0;
    const free = this.free;
    return (
      this.isDirty ||
      this.waiting.length > 0 ||
      (free > 0 && this.#extra(nowMs) < free)
    );
  }

  /**
   * Writes down what to tell the store, and what to ask of it. What is not asked
   * for is no longer used, as the store may already have given it to others by
   * the time at which its answer comes, or is lost. Nor is what is too little for
   * the requests that wait: somebody else may need just that.
   */
  ask(nowMs: number): LeaseAsk {
    const { bucket, spent, reserved } = this;
    const extra = this.#extra(nowMs);
    let need = 0;
    let needAtLeast = this.waiting.length ? Infinity : 0;
    for (const waiter of this.waiting) {
      need += waiter.need;
      needAtLeast = Math.min(needAtLeast, waiter.need);
      waiter.isAsked = true;
    }
    const useful = this.free < needAtLeast ? 0 : need + extra;
    this.#granted = Math.min(this.#granted, spent + reserved + useful);
    this.#givesBack = false;
    this.isDirty = false;
    this.#seq += 1;
    return {
      bucket,
      isFirst: this.#isFirst,
      limit: this.#budget.limit,
      soft: this.#budget.soft,
      spent,
      reserved,
      need,
      needAtLeast,
      kept: this.#granted,
      extra,
      seq: this.#seq,
    };
  }

  /** Takes what the store answered. @returns whether the need was met */
  accept(ask: LeaseAsk, answer: LeaseAnswer | undefined): boolean {
    if (!answer) {
      this.isGone = true;
      return false;
    }
    const must = ask.spent + ask.reserved + ask.need;
    this.#isLean = answer.granted < must + ask.extra;
    this.#isFirst = false;
    this.#granted = answer.granted;
    this.unaccounted = answer.unaccounted;
    this.spentElsewhere = Math.max(
      this.spentElsewhere,
      answer.spent - ask.spent,
    );
    return answer.granted >= must;
  }

  /** What to have for the next requests. Neither every request nor every tick changes it. */
  #extra(nowMs: number): number {
    const isIdle = nowMs - this.takenAtMs > IDLE_MS;
    const isOver = nowMs >= this.bucket.endMs;
    if (
      this.isScarce ||
      this.#givesBack ||
      this.#budget.soft ||
      isIdle ||
      isOver
    ) {
      return 0;
    }
    const atHand = this.#atHand();
    const isRight = this.free * 2 >= atHand && this.free <= atHand * 2;
    return isRight && !this.waiting.length ? this.free : atHand;
  }

  #atHand(): number {
    const pace = Math.max(this.#pace, this.#taken);
    return Math.ceil(
      Math.max(REQUESTS_AT_HAND * this.#largest, TICKS_AT_HAND * pace),
    );
  }
}
