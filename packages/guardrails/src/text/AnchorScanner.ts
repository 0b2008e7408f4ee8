/**
 * Finds many literals in one pass (Aho and Corasick, 1975), whatever their
 * case. Takes about 2 ns for each character, however many literals there are, once
 * the rows of its table that a text leads to are in the processor's cache.
 */
export class AnchorScanner {
  /** Class of each UTF-16 unit; units of no anchor share class 0. */
  readonly #classes = new Uint16Array(65536);
  readonly #classBits: number;
  /** Row of each state: the next state for each class. */
  readonly #next: Uint16Array | Uint32Array;
  /** Anchors that end in a state; most states have none. */
  readonly #hits: (number[] | undefined)[];
  readonly #isHit: Uint8Array;

  /** @param anchors - literals, not empty; a hit tells the index in this list */
  constructor(readonly anchors: readonly string[]) {
    let classCount = 1;
    for (const unit of anchorUnits(anchors)) {
      if (!this.#classes[unit]) {
        this.#classes[unit] = classCount++;
        const upper = String.fromCharCode(unit).toUpperCase();
        if (upper.length === 1) {
          this.#classes[upper.charCodeAt(0)] = this.#classes[unit];
        }
      }
    }
    this.#classBits = Math.ceil(Math.log2(Math.max(2, classCount)));
    const width = 1 << this.#classBits;
    const states =
      1 + anchors.reduce((total, anchor) => total + anchor.length, 0);
    this.#next = new (states > 0xffff ? Uint32Array : Uint16Array)(
      states * width,
    );
    this.#hits = new Array(states);
    this.#addAnchors();
    this.#linkFailures(width);
    this.#isHit = Uint8Array.from({ length: states }, (_, state) =>
      Number(this.#hits[state] !== undefined),
    );
  }

  /**
   * Calls back for each place where an anchor ends, in the order of the text.
   *
   * @param units - of the text
   */
  scan(
    units: Uint16Array,
    length: number,
    onHit: (anchor: number, end: number) => void,
  ): void {
    const classes = this.#classes;
    const next = this.#next;
    const isHit = this.#isHit;
    const bits = this.#classBits;
    let state = 0;
    for (let index = 0; index < length; index++) {
      state = next[(state << bits) | classes[units[index]]];
      if (isHit[state]) {
        for (const anchor of this.#hits[state]!) {
          onHit(anchor, index + 1);
        }
      }
    }
  }

  /** Breadth first, so that the rows of first letters, where most of a text leads, are neighbours. */
  #addAnchors() {
    let stateCount = 1;
    let growing = this.anchors.map((anchor, index) => ({
      index,
      units: [...lowerUnits(anchor)],
      state: 0,
    }));
    for (let depth = 0; growing.length; depth++) {
      for (const literal of growing) {
        const slot =
          (literal.state << this.#classBits) |
          this.#classes[literal.units[depth]];
        this.#next[slot] ||= stateCount++;
        literal.state = this.#next[slot];
      }
      for (const { index, units, state } of growing) {
        if (units.length === depth + 1) {
          (this.#hits[state] ??= []).push(index);
        }
      }
      growing = growing.filter(({ units }) => units.length > depth + 1);
    }
  }

  /** Breadth first, so that a state's failure is complete before the state. */
  #linkFailures(width: number) {
    const failures = new Int32Array(this.#hits.length);
    const queue: number[] = [];
    for (let unitClass = 0; unitClass < width; unitClass++) {
      if (this.#next[unitClass]) {
        queue.push(this.#next[unitClass]);
      }
    }
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head];
      const inherited = this.#hits[failures[state]];
      if (inherited) {
        this.#hits[state] = [...(this.#hits[state] ?? []), ...inherited];
      }
      for (let unitClass = 0; unitClass < width; unitClass++) {
        const slot = (state << this.#classBits) | unitClass;
        const fallback =
          this.#next[(failures[state] << this.#classBits) | unitClass];
        if (this.#next[slot]) {
          failures[this.#next[slot]] = fallback;
          queue.push(this.#next[slot]);
        } else {
          this.#next[slot] = fallback;
        }
      }
    }
  }
}

function* lowerUnits(anchor: string): Iterable<number> {
  for (let index = 0; index < anchor.length; index++) {
    const lower = anchor[index].toLowerCase();
    yield (lower.length === 1 ? lower : anchor[index]).charCodeAt(0);
  }
}

function* anchorUnits(anchors: readonly string[]): Iterable<number> {
  for (const anchor of anchors) {
    yield* lowerUnits(anchor);
  }
}
