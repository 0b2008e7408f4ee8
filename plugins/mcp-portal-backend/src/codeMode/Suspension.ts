/** A call of an execution that waits for a person. */
export interface WaitingCall {
  tool: string;
  /** Where the call is decided. */
  url: string;
}

/**
 * Decides when an execution is suspended because calls of it wait for longer than
 * its request: as soon as no other call is under way, so that none is cut off
 * and made again when the execution is resumed.
 */
export class Suspension {
  readonly #underWay = new Set<number>();
  readonly #waiting = new Map<number, WaitingCall>();
  readonly #stop = new AbortController();

  /** Aborted when the execution is to be suspended. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What a person has to decide before the execution goes on. */
  get waiting(): WaitingCall[] {
    return [...this.#waiting.values()];
  }

  /** A call begins. */
  began(call: number): void {
    this.#underWay.add(call);
  }

  /** The answer of a call is kept, or the call is not made before the execution is resumed. */
  ended(call: number): void {
    this.#underWay.delete(call);
    this.#look();
  }

  /** A call will not be answered before the execution is resumed. */
  waits(call: number, waiting: WaitingCall): void {
    this.#waiting.set(call, waiting);
    this.ended(call);
  }

  /** What waits will be answered nevertheless: the execution is not to be suspended for it. */
  giveUp(): void {
    for (const call of this.#waiting.keys()) {
      this.#underWay.add(call);
    }
    this.#waiting.clear();
  }

  #look(): void {
    if (this.#waiting.size && !this.#underWay.size) {
      this.#stop.abort();
    }
  }
}
