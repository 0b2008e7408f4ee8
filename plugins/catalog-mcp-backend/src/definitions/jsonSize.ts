/**
 * The keys of the containers of one document. Listing the keys of an object with half a million of them takes a tenth of a second, and
 * rendering may come by many times.
 */
export class KeyCache {
  private readonly keys = new Map<object, string[]>();

  /** The own keys of an object, without `__proto__`: it means nothing in a definition and is a trap for whoever copies the answer. */
  of(container: object): string[] {
    let keys = this.keys.get(container);
    if (!keys) {
      keys = Object.keys(container).filter(key => key !== '__proto__');
      this.keys.set(container, keys);
    }
    return keys;
  }
}

/**
 * The characters of JSON of a value that holds no reference; `Infinity` as soon as it is more than `maxCharacters`, or holds one.
 */
export function jsonSize(
  value: unknown,
  maxCharacters: number,
  keys: KeyCache,
): number {
  if (typeof value === 'string') {
    return value.length > maxCharacters
      ? Infinity
      : JSON.stringify(value).length;
  }
  if (typeof value !== 'object' || value === null) {
    return String(value).length;
  }
  if (maxCharacters < 2) {
    return Infinity;
  }
  let size = 2;
  const add = (entry: unknown, keyCharacters: number) => {
    size += keyCharacters + 1;
    size += jsonSize(entry, maxCharacters - size, keys);
    return size <= maxCharacters;
  };
  if (Array.isArray(value)) {
    return value.every(item => add(item, 0)) ? size : Infinity;
  }
  const fits = keys
    .of(value)
    .every(
      key =>
        key !== '$ref' &&
        key.length <= maxCharacters &&
        add(
          (value as Record<string, unknown>)[key],
          JSON.stringify(key).length + 1,
        ),
    );
  return fits ? size : Infinity;
}
