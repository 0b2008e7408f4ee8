const NEWLINE = 0x0a;

/** Longer lines are left out: no answer of a model is as long. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Cuts a stream of bytes into lines. Holds one line at a time. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #begun: Buffer[] = [];
  #bytes = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  feed(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) {
        break;
      }
      this.#add(chunk.subarray(start, newline));
      this.end();
      start = newline + 1;
    }
    if (start < chunk.length) {
      this.#add(chunk.subarray(start));
    }
  }

  /** What was the last line. */
  end(): void {
    if (this.#bytes > 0 && this.#bytes <= MAX_LINE_BYTES) {
      this.#onLine(
        this.#begun.length === 1 ? this.#begun[0] : Buffer.concat(this.#begun),
      );
    }
    this.#begun = [];
    this.#bytes = 0;
  }

  #add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > MAX_LINE_BYTES) {
      this.#begun = [];
    } else if (part.length > 0) {
      this.#begun.push(part);
    }
  }
}
