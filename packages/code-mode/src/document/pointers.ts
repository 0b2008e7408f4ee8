/** The pointer of a member of what a pointer points to (RFC 6901). */
export function memberPointer(pointer: string, key: string): string {
  return `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/** @returns undefined for what is no pointer */
export function keysOf(pointer: string): string[] | undefined {
  if (pointer === '') {
    return [];
  }
  return pointer.startsWith('/')
    ? pointer
        .slice(1)
        .split('/')
        .map(key => key.replace(/~1/g, '/').replace(/~0/g, '~'))
    : undefined;
}

/** The pointer in a `$ref` within the same document; undefined for any other. */
export function pointerOfRef(ref: string): string | undefined {
  if (!ref.startsWith('#')) {
    return undefined;
  }
  try {
    return decodeURIComponent(ref.slice(1));
  } catch {
    return ref.slice(1);
  }
}
