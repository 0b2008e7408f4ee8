import { Amount, amountIn, isAmount, wholeAmount } from './amounts';
import type { LeaseKeeper, Slice } from './leases';

/** Room that budgets keep for a request. */
export interface Reservation {
  readonly kind: 'reservation';

  /**
   * Says what the request took in the end; the rest is free again. More than was
   * reserved is counted too. It counts in the windows in which it was reserved.
   * Only the first call has an effect. Never throws: where the amount is none, what
   * was reserved counts.
   *
   * @param actual - 0 of everything, when no provider was asked
   */
  settle(actual: Amount): void;
}

/** One that has been made. */
export class SliceReservation implements Reservation {
  readonly kind = 'reservation';
  readonly #slices: Slice[];
  readonly #reserved: Amount;
  readonly #keeper: LeaseKeeper;
  #isSettled = false;

  /** @param options.slices - from which the amount has been taken */
  constructor(options: {
    slices: Slice[];
    reserved: Amount;
    keeper: LeaseKeeper;
  }) {
    this.#slices = options.slices;
    this.#reserved = options.reserved;
    this.#keeper = options.keeper;
  }

  settle(actual: Amount): void {
    if (this.#isSettled) {
      return;
    }
    this.#isSettled = true;
    const amount = isAmount(actual) ? wholeAmount(actual) : this.#reserved;
    for (const slice of this.#slices) {
      const { unit } = slice.bucket;
      slice.settle(amountIn(unit, this.#reserved), amountIn(unit, amount));
      this.#keeper.settled(slice);
    }
  }
}
