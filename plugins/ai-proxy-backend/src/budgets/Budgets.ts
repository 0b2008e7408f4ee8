import type {
  BudgetRefusal,
  BudgetStanding,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Account, AccountBook } from './accounts';
import type { BudgetAlerts } from './alerts';
import { Amount, amountIn, fromCounted, wholeAmount } from './amounts';
import type { OthersTotals } from './buckets';
import type { Acquired, DatabaseTime, LeaseKeeper, Slice } from './leases';
import type { Demand, OpenDemand } from './matching';
import { refusalOf } from './refusals';
import { Reservation, SliceReservation } from './Reservation';

/** A part of a reservation. */
interface Part {
  account: Account;
  slice: Slice;
  need: number;
}

/** Graver first: which refusal a caller is told of, when there are several. */
const GRAVITY: Acquired[] = ['used-up', 'unavailable', 'held'];

/**
 * Says before each request whether budgets have room for it, and keeps the room
 * until it is known what the request took.
 *
 * All budgets that count a request have to have room: those of its user, of each of
 * its teams, and so on. A reservation takes from what this replica has leased, in
 * memory; only where that is not enough the database is asked.
 */
export class Budgets {
  readonly #book: AccountBook;
  readonly #keeper: LeaseKeeper;
  readonly #time: DatabaseTime;
  readonly #alerts: Pick<BudgetAlerts, 'usedUp'>;
  readonly #withoutDatabase: 'deny' | 'allow';
  readonly #totalsOfOthers: (
    ids: string[],
  ) => Promise<Map<string, OthersTotals>>;

  constructor(options: {
    book: AccountBook;
    keeper: LeaseKeeper;
    time: DatabaseTime;
    alerts: Pick<BudgetAlerts, 'usedUp'>;
    /** What becomes of requests for which the database does not answer. */
    withoutDatabase: 'deny' | 'allow';
    /** What other replicas say of buckets. */
    totalsOfOthers: (ids: string[]) => Promise<Map<string, OthersTotals>>;
  }) {
    this.#book = options.book;
    this.#keeper = options.keeper;
    this.#time = options.time;
    this.#alerts = options.alerts;
    this.#withoutDatabase = options.withoutDatabase;
    this.#totalsOfOthers = options.totalsOfOthers;
  }

  /**
   * Keeps room for a request. At once, where this replica has leased enough or
   * knows that there is too little; else with a promise, which never rejects.
   *
   * @param amount - the most that the request may take
   * @returns a reservation, which has to be settled however the request ends; or a
   * refusal, of which the caller may be told
   * @throws InputError when an amount is negative or no number
   */
  reserve(
    demand: Demand,
    amount: Amount,
  ): Reservation | BudgetRefusal | Promise<Reservation | BudgetRefusal> {
    const reserved = wholeAmount(amount);
    const nowMs = this.#time.now();
    const accounts = this.#book.accountsFor(demand);
    const slices: Slice[] = [];
    for (const account of accounts) {
      const slice = account.sliceAt(nowMs);
      if (!slice.has(amountIn(slice.bucket.unit, reserved))) {
        return this.#reserveSlowly(accounts, reserved, nowMs);
      }
      slices.push(slice);
    }
    for (const slice of slices) {
      slice.take(amountIn(slice.bucket.unit, reserved), nowMs);
      if (slice.runsLow) {
        this.#keeper.renewSoon(slice);
      }
    }
    return new SliceReservation({ slices, reserved, keeper: this.#keeper });
  }

  #reserveSlowly(
    accounts: readonly Account[],
    reserved: Amount,
    nowMs: number,
  ): BudgetRefusal | Promise<Reservation | BudgetRefusal> {
    const parts = accounts.map(account => {
      const slice = account.sliceAt(nowMs);
      return { account, slice, need: amountIn(slice.bucket.unit, reserved) };
    });
    const full = parts.find(
      ({ slice, need }) => !slice.has(need) && slice.isUsedUp(need),
    );
    return full
      ? this.#refuse(full, 'used-up')
      : this.#reserveByLease(parts, reserved);
  }

  async #reserveByLease(
    parts: Part[],
    reserved: Amount,
  ): Promise<Reservation | BudgetRefusal> {
    const outcomes = await Promise.all(
      parts.map(part => this.#takeOrAcquire(part)),
    );
    const reason = GRAVITY.find(one => outcomes.includes(one));
    if (reason === undefined) {
      return new SliceReservation({
        slices: parts.map(({ slice }) => slice),
        reserved,
        keeper: this.#keeper,
      });
    }
    parts.forEach(({ slice, need }, index) => {
      if (outcomes[index] === 'granted') {
        slice.settle(need, 0);
        this.#keeper.settled(slice);
      }
    });
    return this.#refuse(
      parts[outcomes.indexOf(reason)],
      reason as Exclude<Acquired, 'granted'>,
    );
  }

  async #takeOrAcquire({ slice, need }: Part): Promise<Acquired> {
    if (slice.has(need)) {
      slice.take(need, this.#time.now());
      return 'granted';
    }
    const outcome = await this.#keeper.acquire(slice, need);
    if (outcome === 'unavailable' && this.#withoutDatabase === 'allow') {
      slice.take(need, this.#time.now());
      return 'granted';
    }
    return outcome;
  }

  #refuse(
    { account, slice, need }: Part,
    reason: Exclude<Acquired, 'granted'>,
  ): BudgetRefusal {
    if (reason === 'used-up') {
      this.#alerts.usedUp(slice);
    }
    const nowMs = this.#time.now();
    return refusalOf({ account, slice, need, reason, nowMs });
  }

  /**
   * How a caller stands with each budget that counts their requests. Numbers of
   * budgets that they share with others are left out.
   *
   * @param demand - what it leaves out may be anything: without a model, with the
   * budgets of all models
   * @throws an error of the database
   */
  async standing(demand: OpenDemand): Promise<BudgetStanding[]> {
    const nowMs = this.#time.now();
    const accounts = this.#book.findAccounts(demand);
    const slices = accounts.map(account => account.sliceAt(nowMs));
    const others = await this.#totalsOfOthers(
      slices.map(({ bucket }) => bucket.id),
    );
    return accounts.map(({ active: { budget } }, index) => {
      const slice = slices[index];
      const { unit, per, value, endMs } = slice.bucket;
      const other = others.get(slice.bucket.id);
      const spent =
        slice.spent + Math.max(slice.spentElsewhere, other?.spent ?? 0);
      const reserved = slice.reserved + (other?.reserved ?? 0);
      const isOwn = per === 'user' || per === 'connection';
      return {
        budget: budget.name,
        unit,
        limit: budget.limit,
        window: budget.window,
        per,
        ...(per === 'team' ? { team: value } : {}),
        soft: budget.soft,
        ...(isOwn
          ? {
              spent: fromCounted(unit, spent),
              reserved: fromCounted(unit, reserved),
            }
          : {}),
        usedUp: spent >= slice.budget.limit,
        resetsAt: new Date(endMs).toISOString(),
      };
    });
  }
}
