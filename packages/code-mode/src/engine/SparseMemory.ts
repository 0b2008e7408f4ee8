const BLOCK_BYTES = 4096;
const EMPTY_BLOCK = Buffer.alloc(BLOCK_BYTES);

/**
 * The memory of an engine without its empty blocks. Most of it is a stack that
 * nothing has used yet: writing its zeros would cost the system a page each,
 * and this most of the time that a new sandbox takes.
 */
export class SparseMemory {
  readonly #byteLength: number;
  readonly #parts: { offset: number; bytes: Uint8Array }[] = [];

  constructor(memory: Uint8Array) {
    this.#byteLength = memory.byteLength;
    for (let offset = 0; offset < memory.length; offset += BLOCK_BYTES) {
      const block = memory.subarray(offset, offset + BLOCK_BYTES);
      if (!EMPTY_BLOCK.subarray(0, block.length).equals(block)) {
        this.#add(offset, block);
      }
    }
  }

  /**
   * A stand-in for the whole, for code that does `target.set(memory)`: when
   * its length is asked for it writes the blocks itself, and has none left.
   *
   * @param target - the memory that is written to; known when it is needed.
   */
  writtenTo(target: () => WebAssembly.Memory | undefined): Uint8Array {
    const byteLength = this.#byteLength;
    const parts = this.#parts;
    const standIn = {
      byteLength,
      get length() {
        const memory = target();
        if (!memory) {
          throw new Error('The engine has no memory yet');
        }
        const bytes = new Uint8Array(memory.buffer);
        for (const part of parts) {
          bytes.set(part.bytes, part.offset);
        }
        return 0;
      },
    };
    return standIn as unknown as Uint8Array;
  }

  #add(offset: number, block: Uint8Array) {
    const last = this.#parts.at(-1);
    if (last && last.offset + last.bytes.length === offset) {
      last.bytes = Buffer.concat([last.bytes, block]);
    } else {
      this.#parts.push({ offset, bytes: Uint8Array.from(block) });
    }
  }
}
