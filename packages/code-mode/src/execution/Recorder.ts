import type { DateReads, Recorded } from '../protocol/messages';
import { ProtocolError } from '../protocol/frames';
import type { Recording } from './Execution';

const MAX_ENTRIES = 200_000;

/** Puts together what a sandbox process reports in pieces. */
export class Recorder {
  readonly #seed: number[];
  readonly #catalog: string;
  readonly #dates: DateReads[] = [];
  readonly #turns: number[] = [];
  #hasLookups = false;

  /** @param catalog - hash of the tool definitions. */
  constructor(seed: number[], catalog: string) {
    this.#seed = seed;
    this.#catalog = catalog;
  }

  /** @throws ProtocolError if it grows beyond what an execution can have done. */
  add({ dates, turns, lookups }: Recorded) {
    const entries = this.#dates.length + this.#turns.length;
    if (entries + dates.length + turns.length > MAX_ENTRIES) {
      throw new ProtocolError('The recording is too long');
    }
    this.#dates.push(...dates);
    this.#turns.push(...turns);
    this.#hasLookups ||= lookups > 0;
  }

  get recording(): Recording {
    return {
      seed: [...this.#seed],
      dates: this.#dates.map(([epochMs, reads]) => [epochMs, reads]),
      turns: [...this.#turns],
      ...(this.#hasLookups ? { catalog: this.#catalog } : {}),
    };
  }
}
