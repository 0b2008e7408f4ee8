import { isRecord } from '../../json/isRecord';

const MAX_REFS = 100;

/** The pointer of a `$ref` within the document; undefined for what leads elsewhere. */
export function pointerOf(value: unknown): string | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, '$ref')) {
    return undefined;
  }
  const { $ref: ref } = value;
  if (typeof ref !== 'string' || !ref.startsWith('#')) {
    return undefined;
  }
  try {
    return decodeURIComponent(ref.slice(1));
  } catch {
    return ref.slice(1);
  }
}

/** What is at a JSON pointer (RFC 6901), by own members only. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  if (pointer === '') {
    return value;
  }
  if (!pointer.startsWith('/')) {
    return undefined;
  }
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replace(/~1/g, '/').replace(/~0/g, '~');
    if (
      typeof value !== 'object' ||
      value === null ||
      !Object.hasOwn(value, key)
    ) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A value, or what its `$ref` points to; undefined when that is nothing in the document. */
export function resolved(root: unknown, value: unknown): unknown {
  let current = value;
  for (let refs = 0; refs < MAX_REFS; refs++) {
    const pointer = pointerOf(current);
    if (pointer === undefined) {
      return isRecord(current) && typeof current.$ref === 'string'
        ? undefined
        : current;
    }
    current = valueAt(root, pointer);
  }
  return undefined;
}

/** As {@link resolved}, of what has to be an object. */
export function resolvedRecord(
  root: unknown,
  value: unknown,
): Record<string, unknown> {
  const found = resolved(root, value);
  return isRecord(found) ? found : {};
}

/** A member's name in a JSON pointer. */
export function pointerToken(key: string): string {
  return key.replace(/~/g, '~0').replace(/\//g, '~1');
}
