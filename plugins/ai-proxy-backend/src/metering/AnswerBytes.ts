import type { JsonFields } from './json';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const DATA = Buffer.from('data:');

/**
 * Finds the JSON in the bytes of an answer: the whole of it, or what follows `data:`
 * in the lines of server-sent events (WHATWG HTML, 9.2). The first byte tells which,
 * whatever the answer's content type says: servers send errors as JSON under the type
 * of events, and Gemini streams an array unless `alt=sse` asks for events.
 *
 * Lines are not held, so that they may be of any length, and end anywhere in a piece.
 */
export class AnswerBytes {
  readonly #fields: JsonFields;
  #kind: 'unknown' | 'json' | 'events' = 'unknown';
  // How many bytes of `data:` a line begins with; -1 when it is another line.
  #matched = 0;
  #lineIsEmpty = true;
  #afterCarriageReturn = false;

  constructor(fields: JsonFields) {
    this.#fields = fields;
  }

  /** Reads on; holds no part of the piece. */
  feed(piece: Buffer): void {
    if (this.#kind === 'unknown') {
      const first = piece.find(
        byte => byte > SPACE && !BYTE_ORDER_MARK.includes(byte),
      );
      if (first === undefined) {
        return;
      }
      this.#kind =
        first === OPEN_BRACE || first === OPEN_BRACKET ? 'json' : 'events';
      this.#feedKnown(piece.subarray(piece.indexOf(first)));
    } else {
      this.#feedKnown(piece);
    }
  }

  #feedKnown(piece: Buffer): void {
    if (this.#kind === 'json') {
      this.#fields.feed(piece);
    } else {
      this.#feedEvents(piece);
    }
  }

  #feedEvents(piece: Buffer): void {
    let at = 0;
    let carriageReturn = piece.indexOf(CARRIAGE_RETURN);
    while (at < piece.length) {
      if (this.#afterCarriageReturn && piece[at] === LINE_FEED) {
        at += 1;
      }
      this.#afterCarriageReturn = false;
      if (carriageReturn >= 0 && carriageReturn < at) {
        carriageReturn = piece.indexOf(CARRIAGE_RETURN, at);
      }
      const lineFeed = piece.indexOf(LINE_FEED, at);
      const end = firstOf(lineFeed, carriageReturn, piece.length);
      this.#feedLine(piece, at, end);
      if (end < piece.length) {
        this.#afterCarriageReturn = piece[end] === CARRIAGE_RETURN;
        this.#endLine();
      }
      at = end + 1;
    }
  }

  #feedLine(piece: Buffer, from: number, to: number): void {
    let at = from;
    if (at < to) {
      this.#lineIsEmpty = false;
    }
    while (at < to && this.#matched >= 0 && this.#matched < DATA.length) {
      this.#matched =
        piece[at] === DATA[this.#matched] ? this.#matched + 1 : -1;
      at += 1;
    }
    if (this.#matched === DATA.length && at < to) {
      this.#fields.feed(piece.subarray(at, to));
    }
  }

  #endLine(): void {
    if (this.#lineIsEmpty) {
      // An event ends here: what is broken in it breaks no other.
      this.#fields.reset();
    }
    this.#matched = 0;
    this.#lineIsEmpty = true;
  }
}

function firstOf(lineFeed: number, carriageReturn: number, end: number) {
  const first = lineFeed < 0 ? end : lineFeed;
  return carriageReturn >= 0 && carriageReturn < first ? carriageReturn : first;
}
