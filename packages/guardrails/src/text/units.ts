/** Longest text that is read into shared memory; each longer one gets its own. */
const SHARED_LENGTH = 65_536;

const shared = new Uint16Array(SHARED_LENGTH + 1);
const sharedBytes = Buffer.from(shared.buffer);

/**
 * Reads a text's UTF-16 units into memory, where a look at each takes a third of
 * the time that `charCodeAt` does (2026-11-21).
 *
 * @returns the units, and a 0 behind the last one; to be used before the next
 *   call, which overwrites them
 */
export function unitsOf(text: string): Uint16Array {
  const { length } = text;
  if (length > SHARED_LENGTH) {
    const units = new Uint16Array(length + 1);
    Buffer.from(units.buffer).write(text, 'utf16le');
    return units;
  }
  sharedBytes.write(text, 'utf16le');
  shared[length] = 0;
  return shared;
}
