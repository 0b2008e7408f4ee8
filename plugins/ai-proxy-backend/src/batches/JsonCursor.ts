import { RefusedError } from '../wire';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Goes through JSON value by value, as far as brackets and quotes tell where they end. */
export class JsonCursor {
  #at = 0;

  constructor(readonly json: Buffer) {}

  /** The next byte that is no white space. */
  peek(): number | undefined {
    while (this.json[this.#at] <= 0x20) {
      this.#at++;
    }
    return this.json[this.#at];
  }

  /** @throws RefusedError when another byte is next */
  expect(byte: number): void {
    if (this.peek() !== byte) {
      throw brokenJson();
    }
    this.#at++;
  }

  /**
   * The next string, object or array.
   *
   * @throws RefusedError when it has no end
   */
  value(): Buffer {
    this.peek();
    const start = this.#at;
    let depth = 0;
    do {
      const byte = this.json[this.#at];
      switch (byte) {
        case undefined:
          throw brokenJson();
        case QUOTE:
          this.#skipString();
          break;
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          depth++;
          this.#at++;
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          if (depth === 0) {
            throw brokenJson();
          }
          depth--;
          this.#at++;
          break;
        default:
          this.#at++;
      }
    } while (depth > 0);
    return this.json.subarray(start, this.#at);
  }

  #skipString(): void {
    let quote = this.#at;
    do {
      quote = this.json.indexOf(QUOTE, quote + 1);
      if (quote < 0) {
        throw brokenJson();
      }
    } while (this.#isEscaped(quote));
    this.#at = quote + 1;
  }

  #isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.json[quote - 1 - backslashes] === BACKSLASH) {
      backslashes++;
    }
    return backslashes % 2 === 1;
  }
}

/** The refusal of what is no JSON, or none that is expected. */
export function brokenJson(
  message = 'The body is no valid JSON. Send a JSON object',
): RefusedError {
  return new RefusedError({ status: 400, reason: 'invalid_json', message });
}
