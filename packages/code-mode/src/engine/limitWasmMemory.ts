import { leb128, readLeb128 } from './leb128';

const MEMORY_SECTION = 5;
const HEADER_BYTES = 8;
export const WASM_PAGE_BYTES = 65536;

/**
 * Declares a maximum in the memory section of a WebAssembly module that has
 * one memory without a maximum. The runtime then refuses to grow it further,
 * whatever the program inside does.
 *
 * @param maximumBytes - rounded down to whole pages of 64 KiB.
 * @throws Error if the module has no such section.
 */
export function limitWasmMemory(
  wasm: Uint8Array,
  maximumBytes: number,
): Uint8Array {
  let offset = HEADER_BYTES;
  while (offset < wasm.length) {
    const id = wasm[offset];
    const size = readLeb128(wasm, offset + 1);
    const end = size.end + size.value;
    if (id === MEMORY_SECTION) {
      const section = limitedSection(wasm, size.end, maximumBytes);
      return Buffer.concat([
        wasm.subarray(0, offset),
        section,
        wasm.subarray(end),
      ]);
    }
    offset = end;
  }
  throw new Error('The engine has no memory section to limit');
}

function limitedSection(
  wasm: Uint8Array,
  start: number,
  maximumBytes: number,
): Uint8Array {
  const count = readLeb128(wasm, start);
  const flags = wasm[count.end];
  const minimum = readLeb128(wasm, count.end + 1);
  if (count.value !== 1 || flags > 1) {
    throw new Error('The engine has more than one plain memory');
  }
  const maximum = Math.floor(maximumBytes / WASM_PAGE_BYTES);
  if (maximum < minimum.value) {
    throw new RangeError(
      `The engine needs at least ${minimum.value * WASM_PAGE_BYTES} bytes`,
    );
  }
  const content = [1, 1, ...leb128(minimum.value), ...leb128(maximum)];
  return Uint8Array.from([
    MEMORY_SECTION,
    ...leb128(content.length),
    ...content,
  ]);
}
