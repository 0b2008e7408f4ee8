import { childOfKey, FieldNode } from './fieldTree';
import { FieldSink, FieldTaker } from './FieldTaker';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const SPACE = 0x20;

// Fields are never nested deeper; below, everything is skipped.
const MAX_DEPTH = 32;
const MAX_KEY_BYTES = 64;

// Shorter strings are searched for their end here: calling native code costs more.
const SHORT_STRING = 48;

type State = 'between' | 'key' | 'string' | 'scalar' | 'container';

/**
 * Picks fields out of JSON that comes in pieces, in one pass and without keeping
 * anything but the fields. Documents may follow each other, or be the elements of an
 * array. Whatever is not JSON yields no fields, and never an error; keys written with
 * escape sequences are not recognised.
 *
 * The bytes of a piece are not held after {@link JsonFields.feed} returns.
 */
export class JsonFields {
  readonly #root: FieldNode;
  readonly #taker: FieldTaker;

  #state: State = 'between';
  // The branches that are open, and whether each is an object or an array.
  readonly #branches: FieldNode[] = [];
  readonly #areObjects: boolean[] = [];
  #expectsKey = false;
  #valueNode: FieldNode | undefined;
  // How many containers are open below the last branch; they are only skipped.
  #nesting = 0;
  // The last byte was a backslash in a string.
  #escaped = false;
  readonly #key = Buffer.alloc(MAX_KEY_BYTES);
  #keyBytes = 0;

  constructor(fields: FieldNode, sink: FieldSink) {
    this.#root = fields;
    this.#taker = new FieldTaker(sink);
  }

  /** Whether a document has begun and not ended. */
  get unfinished(): boolean {
    return this.#branches.length > 0 || this.#state !== 'between';
  }

  /** Forgets a document that has not ended. */
  reset(): void {
    this.#state = 'between';
    this.#branches.length = 0;
    this.#areObjects.length = 0;
    this.#expectsKey = false;
    this.#valueNode = undefined;
    this.#nesting = 0;
    this.#escaped = false;
    this.#taker.reset();
  }

  /** Reads on. */
  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'between':
          at = this.#readBetween(bytes, at);
          break;
        case 'key':
          at = this.#readKey(bytes, at);
          break;
        case 'string':
          at = this.#readString(bytes, at);
          break;
        case 'scalar':
          at = this.#readScalar(bytes, at);
          break;
        default:
          at = this.#readContainer(bytes, at);
      }
    }
    this.#taker.endPiece(bytes);
  }

  #readBetween(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte <= SPACE || byte === COLON) {
        continue;
      }
      if (byte === COMMA) {
        this.#expectsKey = this.#areObjects.at(-1) === true;
      } else if (byte === QUOTE && this.#expectsKey) {
        this.#state = 'key';
        this.#keyBytes = 0;
        this.#expectsKey = false;
        return at + 1;
      } else if (byte === QUOTE) {
        this.#begin('string', at + 1);
        return at + 1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (!this.#openBranch(byte === OPEN_BRACE)) {
          this.#nesting = 1;
          this.#begin('container', at);
          return at + 1;
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#branches.pop();
        this.#areObjects.pop();
        this.#expectsKey = false;
        this.#valueNode = undefined;
      } else {
        this.#begin('scalar', at);
        return at;
      }
    }
    return bytes.length;
  }

  #openBranch(isObject: boolean): boolean {
    const node = this.#nodeOfValue();
    if (!node?.children.length || this.#branches.length >= MAX_DEPTH) {
      return false;
    }
    this.#branches.push(node);
    this.#areObjects.push(isObject);
    this.#expectsKey = isObject;
    this.#valueNode = undefined;
    return true;
  }

  #nodeOfValue(): FieldNode | undefined {
    const depth = this.#branches.length;
    if (depth === 0) {
      return this.#root;
    }
    return this.#areObjects[depth - 1]
      ? this.#valueNode
      : this.#branches[depth - 1];
  }

  #begin(state: State, from: number): void {
    this.#taker.begin(this.#nodeOfValue()?.use, state === 'scalar', from);
    this.#state = state;
  }

  #readKey(bytes: Buffer, from: number): number {
    if (this.#keyBytes > 0 || this.#escaped) {
      return this.#readSplitKey(bytes, from);
    }
    let at = from;
    while (
      at < bytes.length &&
      bytes[at] !== QUOTE &&
      bytes[at] !== BACKSLASH
    ) {
      at += 1;
    }
    if (bytes[at] !== QUOTE) {
      return this.#readSplitKey(bytes, from);
    }
    // The usual case: the whole key is in this piece, and need not be copied.
    this.#endKey(bytes, from, at);
    return at + 1;
  }

  #endKey(bytes: Buffer, from: number, to: number): void {
    this.#valueNode = childOfKey(
      this.#branches[this.#branches.length - 1],
      bytes,
      from,
      to,
    );
    this.#state = 'between';
  }

  #readSplitKey(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#escaped) {
        this.#escaped = false;
        this.#keyBytes = MAX_KEY_BYTES;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
      } else if (byte === QUOTE) {
        this.#endKey(this.#key, 0, this.#keyBytes);
        return at + 1;
      } else if (this.#keyBytes < MAX_KEY_BYTES) {
        this.#key[this.#keyBytes] = byte;
        this.#keyBytes += 1;
      }
    }
    return bytes.length;
  }

  #readString(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    const near = Math.min(bytes.length, at + SHORT_STRING);
    while (at < near) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        return this.#endString(bytes, at);
      }
      at += byte === BACKSLASH ? 2 : 1;
    }
    while (at < bytes.length) {
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 ? bytes.length : quote;
      let backslashes = 0;
      while (
        end - backslashes > at &&
        bytes[end - backslashes - 1] === BACKSLASH
      ) {
        backslashes += 1;
      }
      if (backslashes % 2 === 1) {
        at = end + 1;
      } else if (quote < 0) {
        return bytes.length;
      } else {
        return this.#endString(bytes, quote);
      }
    }
    this.#escaped = at > bytes.length;
    return bytes.length;
  }

  #endString(bytes: Buffer, quote: number): number {
    if (this.#nesting > 0) {
      this.#state = 'container';
    } else {
      this.#end(bytes, quote, true);
    }
    return quote + 1;
  }

  #readScalar(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (
        byte <= SPACE ||
        byte === COMMA ||
        byte === CLOSE_BRACE ||
        byte === CLOSE_BRACKET ||
        byte === QUOTE ||
        byte === OPEN_BRACE ||
        byte === OPEN_BRACKET
      ) {
        this.#end(bytes, at, false);
        return at;
      }
    }
    return bytes.length;
  }

  #readContainer(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#state = 'string';
        return at + 1;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#nesting += 1;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#nesting -= 1;
        if (this.#nesting === 0) {
          this.#end(bytes, at + 1, false);
          return at + 1;
        }
      }
    }
    return bytes.length;
  }

  #end(bytes: Buffer, to: number, isString: boolean): void {
    this.#state = 'between';
    this.#valueNode = undefined;
    this.#taker.end(bytes, to, isString);
  }
}
