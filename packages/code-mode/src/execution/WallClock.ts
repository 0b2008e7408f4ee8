/** The deadline of an execution. Stands still while it is paused. */
export class WallClock {
  readonly #onExpire: () => void;
  #leftMs: number;
  #startedAt = 0;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(limitMs: number, onExpire: () => void) {
    this.#leftMs = limitMs;
    this.#onExpire = onExpire;
    this.#run();
  }

  /** @returns what lets the clock go on. It goes on when all pauses are over. */
  pause(): () => void {
    this.#pauses += 1;
    if (this.#pauses === 1 && !this.#isStopped) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#startedAt;
    }
    let isOver = false;
    return () => {
      if (isOver) {
        return;
      }
      isOver = true;
      this.#pauses -= 1;
      if (this.#pauses === 0 && !this.#isStopped) {
        this.#run();
      }
    };
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #run() {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onExpire, Math.max(0, this.#leftMs));
  }
}
