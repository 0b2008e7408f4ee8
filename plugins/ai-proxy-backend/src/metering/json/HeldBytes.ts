/** Larger values are not held, in bytes. It bounds the memory that a reader takes. */
export const MAX_HELD_BYTES = 64 * 1024;

/** A copy of bytes that come in pieces, as long as they are few. */
export class HeldBytes {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** How many bytes came; more than are held, where they are too many. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length <= MAX_HELD_BYTES) {
      this.#grow(length);
      bytes.copy(this.#buffer, this.#length, from, to);
    }
    this.#length = length;
  }

  #grow(length: number): void {
    if (this.#buffer.length >= length) {
      return;
    }
    const larger = Buffer.alloc(
      Math.min(MAX_HELD_BYTES, Math.max(length * 2, 256)),
    );
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** The bytes as UTF-8; undefined where there were too many. */
  text(): string | undefined {
    return this.#length <= MAX_HELD_BYTES
      ? this.#buffer.toString('utf8', 0, this.#length)
      : undefined;
  }

  clear(): void {
    this.#length = 0;
  }
}
