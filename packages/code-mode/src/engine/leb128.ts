/** Reads a number, as WebAssembly writes them. */
export function readLeb128(bytes: Uint8Array, start: number) {
  let value = 0;
  let shift = 0;
  let end = start;
  let byte;
  do {
    byte = bytes[end++];
    value += (byte % 128) * 2 ** shift;
    shift += 7;
  } while (byte >= 128);
  return { value, end };
}

/** Writes a number, as WebAssembly reads them. */
export function leb128(value: number): number[] {
  const bytes = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
