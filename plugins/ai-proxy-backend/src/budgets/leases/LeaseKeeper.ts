import type { DatabaseTime } from './DatabaseTime';
import type { Bucket, LeaseStore } from './LeaseStore';
import { Acquired, Slice, SliceBudget } from './Slice';

/** In one transaction. */
const BUCKETS_AT_ONCE = 100;

/** For how many ticks a request waits for what others may give back. */
const PATIENCE_TICKS = 3;

/** After the end of its window a slice is kept, as requests may still run and clocks be corrected. */
const KEPT_MS = 10 * 60_000;

/** A reservation that was not settled by then never will be. */
const ABANDONED_MS = 24 * 60 * 60_000;

/**
 * Keeps this replica's slices of budgets in step with the database.
 *
 * Each replica tells for each bucket what it has spent and reserved, and asks for
 * what it needs; the database grants within the limit. Replicas never talk to one
 * another, no step depends on a time-out or on anybody's clock, and each ask says
 * everything anew, so that one whose answer was lost is put right by the next:
 *
 * - A replica uses only what was granted, so all of them together stay within the
 *   limit at any moment and after any crash.
 * - Before it gives back, it stops using; so it does not matter whether the
 *   database has heard of it.
 * - Of a replica that is gone, nobody but itself can say how much of its grant was
 *   used since it last told. So the grant counts as spent, to the end of the
 *   window. What it had already given back or not yet been granted is not lost.
 *   One that was only cut off goes on where it was, and gives back the rest.
 * - An ask that comes late, after one that was written later, has no effect.
 *
 * One ask is under way at a time; whatever comes meanwhile goes into the next.
 */
export class LeaseKeeper {
  readonly #store: LeaseStore;
  readonly #replica: string;
  readonly #time: DatabaseTime;
  readonly #onRenewed: Array<(slice: Slice) => void> = [];
  readonly #onAvailability: (available: boolean, error?: unknown) => void;
  readonly #slices = new Map<string, Slice>();
  readonly #toRenew = new Set<Slice>();
  #renewing: Promise<void> | undefined;
  #isDown = false;
  #isStopped = false;

  /**
   * @param options.replica - UUID of this process
   * @param options.onAvailability - the database went or came back
   */
  constructor(options: {
    store: LeaseStore;
    replica: string;
    time: DatabaseTime;
    onAvailability?: (available: boolean, error?: unknown) => void;
  }) {
    this.#store = options.store;
    this.#replica = options.replica;
    this.#time = options.time;
    this.#onAvailability = options.onAvailability ?? (() => {});
  }

  /** Calls when the database has said something of a slice. */
  onRenewed(listener: (slice: Slice) => void): void {
    this.#onRenewed.push(listener);
  }

  /** The slice of a bucket. There is never more than one. */
  sliceOf(bucket: Bucket, budget: SliceBudget): Slice {
    const known = this.#slices.get(bucket.id);
    if (known) {
      if (known.budget !== budget) {
        known.budget = budget;
      }
      return known;
    }
    const slice = new Slice({ bucket, budget });
    this.#slices.set(bucket.id, slice);
    return slice;
  }

  /** All slices that there are. */
  slices(): Iterable<Slice> {
    return this.#slices.values();
  }

  /** Reserves as soon as there is enough, asking the database. */
  async acquire(slice: Slice, need: number): Promise<Acquired> {
    const isKept = this.#slices.get(slice.bucket.id) === slice;
    if (this.#isDown || slice.isGone || !isKept) {
      return 'unavailable';
    }
    slice.expect(need, this.#time.now());
    return new Promise(resolve => {
      slice.waiting.push({
        need,
        isAsked: false,
        patience: PATIENCE_TICKS,
        resolve,
      });
      this.renewSoon(slice);
    });
  }

  /** Brings a slice in step with the database, without anybody waiting. */
  renewSoon(slice: Slice): void {
    if (!this.#isDown) {
      this.#toRenew.add(slice);
      this.#startRenewing();
    }
  }

  /** A request has ended. */
  settled(slice: Slice): void {
    // Nobody ticks anymore after a stop; and others should know of debts at once.
    if (this.#isStopped || slice.isOverdrawn) {
      this.renewSoon(slice);
    }
  }

  /** Tells the database what has changed, gives back what is not needed, and notes that this replica lives. */
  async tick(): Promise<void> {
    try {
      const { scarce } = await this.#time.learnFrom(() =>
        this.#store.beat(this.#replica),
      );
      this.#setDown(false);
      for (const slice of this.#slices.values()) {
        slice.isScarce = this.#isStopped || scarce.has(slice.bucket.id);
      }
    } catch (error) {
      this.#setDown(true, error);
      return;
    }
    const nowMs = this.#time.now();
    for (const slice of this.#slices.values()) {
      for (const waiter of slice.waiting) {
        waiter.patience -= 1;
      }
      if (slice.tick(nowMs)) {
        this.#toRenew.add(slice);
      } else {
        this.#forgetIfOver(slice, nowMs);
      }
    }
    await this.#startRenewing();
  }

  /** Gives back everything. What still runs can be settled afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const slice of this.#slices.values()) {
      slice.isScarce = true;
      this.#toRenew.add(slice);
    }
    await this.#startRenewing();
  }

  #startRenewing(): Promise<void> {
    this.#renewing ??= this.#renewAll();
    return this.#renewing;
  }

  async #renewAll(): Promise<void> {
    // Requests of the same moment go together.
    await Promise.resolve();
    while (this.#toRenew.size) {
      const slices = [...this.#toRenew].slice(0, BUCKETS_AT_ONCE);
      slices.forEach(slice => this.#toRenew.delete(slice));
      await this.#renew(slices.filter(slice => !slice.isGone));
    }
    // Before anything else happens: whatever comes from now on starts anew.
    this.#renewing = undefined;
  }

  async #renew(slices: Slice[]): Promise<void> {
    const nowMs = this.#time.now();
    const asks = slices.map(slice => slice.ask(nowMs));
    try {
      const { answers } = await this.#time.learnFrom(() =>
        this.#store.renew(this.#replica, asks),
      );
      slices.forEach((slice, index) => {
        const answer = answers[index];
        const isMet = slice.accept(asks[index], answer);
        this.#answerWaiters(slice, isMet, answer?.atHandElsewhere ?? 0);
        this.#onRenewed.forEach(listener => listener(slice));
      });
    } catch (error) {
      slices.forEach(slice => {
        slice.isDirty = true;
      });
      this.#setDown(true, error);
    }
  }

  #answerWaiters(slice: Slice, isMet: boolean, atHandElsewhere: number): void {
    for (const waiter of slice.waiting.splice(0)) {
      const { need, isAsked, patience, resolve } = waiter;
      const isRefused = isAsked && !isMet;
      const mayComeBack = atHandElsewhere > 0 && patience > 0;
      if (slice.isGone) {
        resolve('unavailable');
      } else if (slice.has(need)) {
        slice.take(need, this.#time.now());
        resolve('granted');
      } else if (slice.isUsedUp(need)) {
        resolve('used-up');
      } else if (isRefused && !mayComeBack) {
        resolve('held');
      } else {
        slice.waiting.push(waiter);
        // One that may get what others give back is asked for again at the next tick.
        if (!isRefused) {
          this.#toRenew.add(slice);
        }
      }
    }
  }

  /** While the database is down nobody waits for it: the next tick finds out whether it is back. */
  #setDown(isDown: boolean, error?: unknown): void {
    if (isDown !== this.#isDown) {
      this.#isDown = isDown;
      this.#onAvailability(!isDown, error);
    }
    if (isDown) {
      this.#toRenew.clear();
      for (const slice of this.#slices.values()) {
        slice.waiting
          .splice(0)
          .forEach(({ resolve }) => resolve('unavailable'));
      }
    }
  }

  #forgetIfOver(slice: Slice, nowMs: number): void {
    const { endMs } = slice.bucket;
    const isOver = slice.reserved === 0 && nowMs > endMs + KEPT_MS;
    if (slice.isGone || isOver || nowMs > endMs + ABANDONED_MS) {
      this.#slices.delete(slice.bucket.id);
    }
  }
}
