import type { DateReads } from '../protocol/messages';

/**
 * The clock of one execution. What it said is recorded by the millisecond, so
 * the record is no longer than the time that code ran; first it says what an
 * earlier execution recorded.
 */
export class RecordedClock {
  readonly #replayed: DateReads[];
  #recorded: DateReads[] = [];
  #last = 0;
  #index = 0;
  #readsOfIndex = 0;

  constructor(replayed: DateReads[]) {
    this.#replayed = replayed;
  }

  /** Milliseconds since 1970; never less than before. */
  now(): number {
    const time = this.#nextReplayed() ?? Math.max(this.#last, Date.now());
    this.#last = time;
    const latest = this.#recorded.at(-1);
    if (latest?.[0] === time) {
      latest[1] += 1;
    } else {
      this.#recorded.push([time, 1]);
    }
    return time;
  }

  /** What was recorded since it was taken last. */
  take(): DateReads[] {
    const taken = this.#recorded;
    this.#recorded = [];
    return taken;
  }

  #nextReplayed(): number | undefined {
    const reads = this.#replayed[this.#index];
    if (!reads) {
      return undefined;
    }
    this.#readsOfIndex += 1;
    if (this.#readsOfIndex >= reads[1]) {
      this.#index += 1;
      this.#readsOfIndex = 0;
    }
    return reads[0];
  }
}
