import type { FieldUse } from './fieldTree';
import { HeldBytes, MAX_HELD_BYTES } from './HeldBytes';

/** With which `null` begins. */
const NULL = 0x6e;

/** Where fields that are found go. */
export interface FieldSink {
  /** A value that is not null, parsed. */
  kept(name: string, value: unknown): void;
  /** Bytes of JSON that a text consists of, escape sequences and all, without the quotes of a string. */
  text(slot: number, bytes: Uint8Array, from: number, to: number): void;
}

/** Takes the values that are wanted, one after the other, out of the pieces in which they come. */
export class FieldTaker {
  readonly #sink: FieldSink;
  readonly #found = new Set<string>();
  readonly #held = new HeldBytes();
  #use: FieldUse | undefined;
  #from = 0;

  constructor(sink: FieldSink) {
    this.#sink = sink;
  }

  /**
   * A value begins.
   *
   * @param from - where in the piece, without the quote of a string
   */
  begin(use: FieldUse | undefined, isScalar: boolean, from: number): void {
    this.#use = use && this.#isWanted(use, isScalar) ? use : undefined;
    this.#from = from;
  }

  #isWanted(use: FieldUse, isScalar: boolean): boolean {
    if ('text' in use) {
      // A null is no text.
      return !isScalar;
    }
    return !(use.once && this.#found.has(use.keep));
  }

  /** The value ends before a byte of the piece. */
  end(bytes: Buffer, to: number, isString: boolean): void {
    const use = this.#use;
    if (!use) {
      return;
    }
    if ('keep' in use) {
      if (this.#held.length === 0 && bytes[this.#from] === NULL && !isString) {
        this.#use = undefined;
        return;
      }
      const json = this.#textUntil(bytes, to);
      if (json !== undefined) {
        this.#keep(use, isString ? `"${json}"` : json);
      }
      this.#held.clear();
    } else {
      this.#take(bytes, to);
    }
    this.#use = undefined;
  }

  #textUntil(bytes: Buffer, to: number): string | undefined {
    if (this.#held.length === 0 && to - this.#from <= MAX_HELD_BYTES) {
      // The usual case: the whole value is in this piece, and need not be copied.
      return bytes.toString('utf8', this.#from, to);
    }
    this.#take(bytes, to);
    return this.#held.text();
  }

  #keep(use: Extract<FieldUse, { keep: string }>, json: string): void {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      return;
    }
    if (value === null) {
      return;
    }
    if (use.once) {
      this.#found.add(use.keep);
    }
    this.#sink.kept(use.keep, value);
  }

  /** The piece ends, and the value, if there is one, goes on in the next. */
  endPiece(bytes: Buffer): void {
    this.#take(bytes, bytes.length);
    this.#from = 0;
  }

  // Gives text on; copies what is kept, because the piece is the caller's.
  #take(bytes: Buffer, to: number): void {
    const use = this.#use;
    const from = this.#from;
    if (!use || to <= from) {
      return;
    }
    if ('text' in use) {
      this.#sink.text(use.text, bytes, from, to);
    } else {
      this.#held.add(bytes, from, to);
    }
  }

  /** Forgets the value. */
  reset(): void {
    this.#use = undefined;
    this.#held.clear();
  }
}
