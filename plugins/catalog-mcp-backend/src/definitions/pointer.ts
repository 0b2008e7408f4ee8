import { DocumentObject, isObject, ownValue } from './parseDocument';

/** References to references that are followed before giving up; also ends cycles of them. */
const MAX_REFERENCE_CHAIN = 16;

/**
 * A value of a document together with where it stands, as a JSON pointer in fragment form ("#/components/schemas/Refund").
 */
export class LocatedValue {
  constructor(readonly value: unknown, readonly pointer: string) {}

  /** The value under a key or index, with its pointer; its `value` is `undefined` if there is none. */
  child(key: string | number): LocatedValue {
    return new LocatedValue(
      ownValue(this.value, String(key)),
      pointerTo(this.pointer, key),
    );
  }
}

/**
 * The pointer of a child, escaped as RFC 6901 section 3 asks.
 */
export function pointerTo(parent: string, key: string | number): string {
  if (typeof key === 'number') {
    return `${parent}/${key}`;
  }
  return `${parent}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/**
 * The segments of a pointer in fragment form, unescaped except for percent-encoding.
 */
export function pointerSegments(pointer: string): string[] {
  return pointer
    .replace(/^#?\/?/, '')
    .split('/')
    .filter((segment, index) => segment !== '' || index > 0)
    .map(segment => segment.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/**
 * Finds what a pointer in fragment form points at; `undefined` when it leads nowhere.
 */
export function resolvePointer(
  document: DocumentObject,
  pointer: string,
): unknown {
  let value: unknown = document;
  for (const segment of pointerSegments(pointer)) {
    // Fragments are percent-encoded (RFC 6901 section 6), but many authors do not, so the segment as written goes first.
    value =
      ownValue(value, segment) ?? ownValue(value, percentDecoded(segment));
    if (value === undefined) {
      return undefined;
    }
  }
  return value;
}

/**
 * The `$ref` of a reference object, or `undefined` if the value is not one.
 */
export function referenceOf(value: unknown): string | undefined {
  const reference = isObject(value) ? ownValue(value, '$ref') : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

/**
 * Whether a reference points into its own document. All others are left alone: nothing is ever fetched.
 */
export function isLocalReference(reference: string): boolean {
  return reference === '#' || reference.startsWith('#/');
}

/**
 * Follows local references until something that is not one. A reference that leads nowhere, outside, or in a circle is returned as
 * it is.
 */
export function dereference(
  document: DocumentObject,
  located: LocatedValue,
): LocatedValue {
  let current = located;
  for (let hop = 0; hop < MAX_REFERENCE_CHAIN; hop++) {
    const reference = referenceOf(current.value);
    if (reference === undefined) {
      return current;
    }
    const target = isLocalReference(reference)
      ? resolvePointer(document, reference)
      : undefined;
    if (target === undefined) {
      return located;
    }
    current = new LocatedValue(target, reference);
  }
  return located;
}

function percentDecoded(segment: string): string {
  if (!segment.includes('%')) {
    return segment;
  }
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
