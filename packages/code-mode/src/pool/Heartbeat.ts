const INTERVAL_MS = 100;
const GRACE_MS = 250;

/**
 * Asks a process whether it still answers. It cannot while code runs, which
 * the engine stops at the CPU limit; when that fails, silence is all there is.
 */
export class Heartbeat {
  readonly #ping: (number: number) => void;
  readonly #onSilence: () => void;
  #patienceMs = 0;
  #number = 0;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { ping(number: number): void; onSilence(): void }) {
    this.#ping = options.ping;
    this.#onSilence = options.onSilence;
  }

  /** @param patienceMs - how long code may run; some more is granted for the answer itself. */
  watch(patienceMs: number) {
    if (this.#timer && this.#patienceMs === patienceMs) {
      return;
    }
    this.#patienceMs = patienceMs;
    this.#beat();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWaiting = false;
  }

  onPong(number: number) {
    if (number !== this.#number || !this.#isWaiting) {
      return;
    }
    this.#isWaiting = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), INTERVAL_MS);
  }

  #beat() {
    clearTimeout(this.#timer);
    this.#number += 1;
    this.#isWaiting = true;
    this.#ping(this.#number);
    const number = this.#number;
    this.#timer = setTimeout(() => {
      // If the host itself was late, the answer may lie unread: it is read before this.
      setImmediate(() => this.#expire(number));
    }, this.#patienceMs + GRACE_MS);
  }

  #expire(number: number) {
    if (this.#isWaiting && this.#number === number) {
      this.#onSilence();
    }
  }
}
