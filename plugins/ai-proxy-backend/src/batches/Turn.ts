import { setImmediate as others } from 'node:timers/promises';

/** For how long requests are checked before others have their turn, in milliseconds. */
const TURN_MS = 10;

/** Lets others have their turn now and then. */
export class Turn {
  #startedMs = performance.now();

  /** To be called often. */
  async rest(): Promise<void> {
    if (performance.now() - this.#startedMs > TURN_MS) {
      await others();
      this.#startedMs = performance.now();
    }
  }
}
