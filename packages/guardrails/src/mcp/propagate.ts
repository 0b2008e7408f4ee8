import type { Finding } from '../findings';

/** Shorter texts appear by chance. */
const MIN_LENGTH = 6;

/** Deeper than any inspection goes; the stack ends later. */
const MAX_DEPTH = 500;

/** @returns what a path leads to; undefined when there is nothing */
export function atPath(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
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

/** RFC 6901, section 4. */
function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/**
 * @returns each text that was taken out, with what stands in its place
 */
export function redactedTexts(
  input: unknown,
  findings: readonly Finding[],
): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { action, inKey, pointer, start, end, detector } of findings) {
    const value = atPath(input, keysOf(pointer));
    if (action === 'flag' || inKey || typeof value !== 'string') {
      continue;
    }
    const text = value.slice(start, end);
    if (text.length >= MIN_LENGTH) {
      texts.set(text, `[redacted: ${detector}]`);
    }
  }
  return texts;
}

/** @returns a copy of a JSON value without these texts in any of its strings; the input is not changed */
export function replaceEverywhere<T>(
  value: T,
  texts: ReadonlyMap<string, string>,
  depth = 0,
): T {
  if (depth > MAX_DEPTH) {
    return value;
  }
  if (typeof value === 'string') {
    let replaced: string = value;
    for (const [text, redaction] of texts) {
      replaced = replaced.replaceAll(text, () => redaction);
    }
    return replaced as T;
  }
  if (Array.isArray(value)) {
    return value.map(element =>
      replaceEverywhere(element, texts, depth + 1),
    ) as T;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [
        key,
        replaceEverywhere(child, texts, depth + 1),
      ]),
    ) as T;
  }
  return value;
}
