/** A result or error on its way into the sandbox. */
export interface Delivery {
  kind: 'result' | 'error';
  text: string;
}

/**
 * Decides in which order operations (calls, sleeps, lookups) are settled: as
 * they come, or first in the order that an earlier execution recorded.
 */
export class Turns {
  readonly #replayed: number[];
  readonly #ready = new Map<number, Delivery>();
  readonly #started = new Set<number>();
  #index = 0;

  constructor(replayed: number[]) {
    this.#replayed = replayed;
  }

  start(operation: number) {
    this.#started.add(operation);
  }

  /** An operation's outcome is known. */
  add(operation: number, delivery: Delivery) {
    if (this.#started.has(operation) && !this.#ready.has(operation)) {
      this.#ready.set(operation, delivery);
    }
  }

  /** Whether the operation was settled in the execution that is replayed. */
  isReplayed(operation: number): boolean {
    return this.#replayed.indexOf(operation, this.#index) >= 0;
  }

  /** The next operation to settle, if its outcome is known. */
  take(): { operation: number; delivery: Delivery } | undefined {
    const expected = this.#replayed[this.#index];
    const operation =
      expected === undefined ? this.#ready.keys().next().value : expected;
    const delivery =
      operation === undefined ? undefined : this.#ready.get(operation);
    if (operation === undefined || !delivery) {
      return undefined;
    }
    this.#index += expected === undefined ? 0 : 1;
    this.#ready.delete(operation);
    this.#started.delete(operation);
    return { operation, delivery };
  }

  /**
   * The operation that must be settled next but that the code did not start:
   * it does something else than in the execution that is replayed.
   */
  missing(): number | undefined {
    const expected = this.#replayed[this.#index];
    return expected === undefined || this.#started.has(expected)
      ? undefined
      : expected;
  }
}
