import type { BreakerSettings } from '../providers';

/**
 * Leaves out a target that has failed several times in a row, for a while; then
 * one request tries it.
 *
 * Not from a library: those wrap a call, and here a call has an outcome long
 * before it ends.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  #isTrying = false;

  constructor(settings: BreakerSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Whether a request may go there now. Whoever is let in says what came of it. */
  tryEnter(): boolean {
    if (this.#failures < this.#settings.failures) {
      return true;
    }
    if (this.#isTrying || this.#now() < this.#openUntil) {
      return false;
    }
    this.#isTrying = true;
    return true;
  }

  get isOpen(): boolean {
    return (
      this.#failures >= this.#settings.failures && this.#now() < this.#openUntil
    );
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isTrying = false;
  }

  failed(): void {
    this.#failures++;
    this.#isTrying = false;
    this.#openUntil = this.#now() + this.#settings.openMs;
  }

  /** The request told nothing about the target, as when it was overloaded or the client left. */
  abstained(): void {
    this.#isTrying = false;
  }
}
