import {
  CONTINUATION,
  KIND_OF_BYTE,
  KIND_OF_UNIT,
  KINDS,
  LINE_BREAK,
  PARTS_OF_TOKEN,
  WEIGHTS,
} from './tokenWeights';

const BACKSLASH = 0x5c;

// What an escape sequence of JSON stands for, as far as it matters here.
const UNESCAPED = new Map(
  Array.from('nrtbf', letter => [letter.charCodeAt(0), 0x0a]),
);

// A text is copied out before it is read: reading it character by character takes
// twice the time, and encoding it as UTF-8 as well.
const UNITS = new Uint16Array(32 * 1024);
const COPY = Buffer.from(UNITS.buffer);

/**
 * Counts the tokens of a text that comes in pieces, roughly; see
 * {@link estimateTokens} for how roughly. Where the text is cut does not matter.
 */
export class TextEstimate {
  #parts = 0;
  #row = LINE_BREAK * KINDS;
  // 0: none; 1: after a backslash; 2 to 5: as many digits of \uXXXX, and one, to come.
  #escape = 0;
  #unit = 0;

  /** Estimated tokens so far; not rounded. */
  get tokens(): number {
    return this.#parts / PARTS_OF_TOKEN;
  }

  /** Adds a text. */
  addText(text: string): void {
    for (let from = 0; from < text.length; from += UNITS.length) {
      const block = text.slice(from, from + UNITS.length);
      COPY.write(block, 'utf16le');
      this.#addUnits(block.length);
    }
  }

  // The same loop as for bytes. One for both takes five times as long, because
  // the engine then no longer knows what it reads.
  #addUnits(length: number): void {
    let parts = 0;
    let row = this.#row;
    for (let at = 0; at < length; at++) {
      const kind = KIND_OF_UNIT[UNITS[at]];
      if (kind !== CONTINUATION) {
        parts += WEIGHTS[row + kind];
        row = kind * KINDS;
      }
    }
    this.#parts += parts;
    this.#row = row;
  }

  /** Adds bytes of UTF-8. */
  addBytes(bytes: Uint8Array): void {
    let parts = 0;
    let row = this.#row;
    for (let at = 0; at < bytes.length; at++) {
      const kind = KIND_OF_BYTE[bytes[at]];
      if (kind !== CONTINUATION) {
        parts += WEIGHTS[row + kind];
        row = kind * KINDS;
      }
    }
    this.#parts += parts;
    this.#row = row;
  }

  /** Adds bytes of JSON, in which escape sequences stand for characters. */
  addJson(bytes: Uint8Array, from: number, to: number): void {
    let parts = 0;
    let row = this.#row;
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      let kind = KIND_OF_BYTE[byte];
      if (this.#escape !== 0) {
        kind = this.#unescape(byte);
      } else if (byte === BACKSLASH) {
        this.#escape = 1;
        continue;
      }
      if (kind !== CONTINUATION) {
        parts += WEIGHTS[row + kind];
        row = kind * KINDS;
      }
    }
    this.#parts += parts;
    this.#row = row;
  }

  // The kind of the character that an escape sequence ends with, if it does here.
  #unescape(byte: number): number {
    if (this.#escape === 1) {
      if (byte === 0x75) {
        this.#escape = 5;
        this.#unit = 0;
        return CONTINUATION;
      }
      this.#escape = 0;
      return KIND_OF_BYTE[UNESCAPED.get(byte) ?? byte];
    }
    const digit = parseInt(String.fromCharCode(byte), 16);
    this.#unit = this.#unit * 16 + (Number.isNaN(digit) ? 0 : digit);
    this.#escape -= 1;
    if (this.#escape > 1) {
      return CONTINUATION;
    }
    this.#escape = 0;
    return KIND_OF_UNIT[this.#unit];
  }
}
