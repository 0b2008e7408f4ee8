import { performance } from 'node:perf_hooks';

/** An answer that took longer says too little about when it was made. */
const MAX_ROUND_TRIP_MS = 500;

/**
 * The time by the clock of the database, by which windows begin and end for all
 * replicas: it is right to half the time that a question takes. Steps of this
 * machine's own clock do not matter. Before the first answer it is this machine's.
 */
export class DatabaseTime {
  readonly #clock: () => number;
  #offsetMs: number;

  /** @param options.clock - milliseconds since any moment; never goes back */
  constructor(options: { clock?: () => number; startMs?: number } = {}) {
    this.#clock = options.clock ?? (() => performance.now());
    this.#offsetMs = (options.startMs ?? Date.now()) - this.#clock();
  }

  /** Milliseconds since 1970, in whole ones. */
  now(): number {
    return Math.floor(this.#clock() + this.#offsetMs);
  }

  /** Asks the database something, and learns the time from its answer. */
  async learnFrom<T extends { nowMs: number }>(
    question: () => Promise<T>,
  ): Promise<T> {
    const sent = this.#clock();
    const answer = await question();
    const received = this.#clock();
    if (received - sent <= MAX_ROUND_TRIP_MS) {
      this.#offsetMs = answer.nowMs - (sent + received) / 2;
    }
    return answer;
  }
}
