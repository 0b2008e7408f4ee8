import { leb128, readLeb128 } from './leb128';

const EXPORT_SECTION = 7;
const HEADER_BYTES = 8;
const FUNCTION = 0;

/**
 * Takes functions out of the exports of a WebAssembly module. The runtime makes
 * an object of each one for every instance, whether or not anybody calls it.
 *
 * @param isKept - by name; memories, tables and globals are always kept
 */
export function keepExports(
  wasm: Uint8Array,
  isKept: (name: string) => boolean,
): Uint8Array {
  const parts: Uint8Array[] = [wasm.subarray(0, HEADER_BYTES)];
  let offset = HEADER_BYTES;
  while (offset < wasm.length) {
    const size = readLeb128(wasm, offset + 1);
    const end = size.end + size.value;
    if (wasm[offset] === EXPORT_SECTION) {
      const kept = readExports(wasm, size.end).filter(
        ({ name, kind }) => kind !== FUNCTION || isKept(name),
      );
      const content = Buffer.concat([
        Uint8Array.from(leb128(kept.length)),
        ...kept.map(({ bytes }) => bytes),
      ]);
      parts.push(
        Uint8Array.from([EXPORT_SECTION, ...leb128(content.length)]),
        content,
      );
    } else {
      parts.push(wasm.subarray(offset, end));
    }
    offset = end;
  }
  return Buffer.concat(parts);
}

function readExports(wasm: Uint8Array, start: number) {
  const count = readLeb128(wasm, start);
  const found: { name: string; kind: number; bytes: Uint8Array }[] = [];
  let offset = count.end;
  while (found.length < count.value) {
    const length = readLeb128(wasm, offset);
    const nameEnd = length.end + length.value;
    const { end } = readLeb128(wasm, nameEnd + 1);
    found.push({
      name: Buffer.from(wasm.subarray(length.end, nameEnd)).toString('utf8'),
      kind: wasm[nameEnd],
      bytes: wasm.subarray(offset, end),
    });
    offset = end;
  }
  return found;
}
