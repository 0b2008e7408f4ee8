const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** Waits longer after each failure in a row. */
export class BackOff {
  #failures = 0;
  #until = 0;

  get failures(): number {
    return this.#failures;
  }

  /** Time to wait before the next try, in milliseconds. */
  remainingMs(): number {
    return Math.max(0, this.#until - Date.now());
  }

  succeed() {
    this.#failures = 0;
    this.#until = 0;
  }

  fail() {
    const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#until = Date.now() + delay;
  }
}
