import type { Concurrency } from '../providers';

/** Ends a turn. */
export type Release = () => void;

interface Waiter {
  resolve: (release: Release) => void;
  reject: (error: QueueError) => void;
  timer: NodeJS.Timeout;
}

/** Thrown when there is no turn: too many wait, or for too long. */
export class QueueError extends Error {
  override name = 'QueueError';
}

/**
 * Lets only so many requests go at the same time. Whoever has to wait takes
 * turns with the others, so that one caller's hundred requests hold up another
 * caller's one for no more than a turn.
 */
export class FairQueue {
  readonly #limits: Concurrency;
  /** In the order of their next turns. */
  readonly #waiting = new Map<string, Waiter[]>();
  #waiters = 0;
  #running = 0;

  constructor(limits: Concurrency) {
    this.#limits = limits;
  }

  /** How many requests run and wait. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiters };
  }

  /**
   * Takes a turn.
   *
   * @param caller - whose turn it is
   * @param onGone - calls back when the caller does not wait any more
   * @returns what ends the turn; at once when nobody has to wait
   * @throws QueueError when too many wait already; or, later, for too long
   */
  take(
    caller: string,
    onGone?: (listener: () => void) => void,
  ): Release | Promise<Release> {
    if (this.#running < this.#limits.max) {
      return this.#start();
    }
    if (this.#waiters >= this.#limits.queue) {
      throw new QueueError('Too many requests wait for this provider');
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve,
        reject,
        timer: setTimeout(
          () => this.#leave(caller, waiter, 'waited too long for a turn'),
          this.#limits.queueTimeoutMs,
        ),
      };
      this.#waiters++;
      const mine = this.#waiting.get(caller);
      if (mine) {
        mine.push(waiter);
      } else {
        this.#waiting.set(caller, [waiter]);
      }
      onGone?.(() => this.#leave(caller, waiter, 'the caller has gone'));
    });
  }

  #start(): Release {
    this.#running++;
    let hasEnded = false;
    return () => {
      if (!hasEnded) {
        hasEnded = true;
        this.#running--;
        this.#next();
      }
    };
  }

  #next(): void {
    const [caller, mine] = this.#waiting.entries().next().value ?? [];
    if (caller === undefined || mine === undefined) {
      return;
    }
    const waiter = mine.shift()!;
    // To the end of the line, if there is more.
    this.#waiting.delete(caller);
    if (mine.length > 0) {
      this.#waiting.set(caller, mine);
    }
    this.#waiters--;
    clearTimeout(waiter.timer);
    waiter.resolve(this.#start());
  }

  #leave(caller: string, waiter: Waiter, why: string): void {
    const mine = this.#waiting.get(caller);
    const at = mine?.indexOf(waiter) ?? -1;
    if (at < 0) {
      return;
    }
    mine!.splice(at, 1);
    if (mine!.length === 0) {
      this.#waiting.delete(caller);
    }
    this.#waiters--;
    clearTimeout(waiter.timer);
    waiter.reject(new QueueError(`The request ${why}`));
  }
}
