import { LRUCache } from 'lru-cache';

/** Shorter ones are inspected faster than they are looked up. */
const MIN_LENGTH = 512;

/** Of all texts that are remembered, in UTF-16 units: a few hundred conversations. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Deeper than any API nests. */
const MAX_DEPTH = 64;

/**
 * Long texts in which nothing was found. A conversation is sent again with each
 * turn, with the same instructions and tools in front of it, so that most of a
 * request has been inspected before.
 */
export class KnownTexts {
  readonly #clean = new LRUCache<string, true>({
    maxSize: MAX_LENGTH,
    sizeCalculation: (_, key) => key.length,
  });

  /**
   * A copy of a request without the texts that are known.
   *
   * @returns the copy, and the long texts that are not known yet, by JSON pointer
   */
  without<T>(value: T): { rest: T; unknown: Map<string, string> } {
    const unknown = new Map<string, string>();
    const rest = this.#visit(value, '', '', 0, unknown) as T;
    return { rest, unknown };
  }

  /** Remembers texts in which nothing was found. */
  add(texts: Iterable<string>): void {
    for (const key of texts) {
      this.#clean.set(key, true);
    }
  }

  /** @param label - of the property, which guardrails read as well */
  #visit(
    value: unknown,
    label: string,
    pointer: string,
    depth: number,
    unknown: Map<string, string>,
  ): unknown {
    if (typeof value === 'string') {
      if (value.length < MIN_LENGTH) {
        return value;
      }
      const key = `${label}\n${value}`;
      if (this.#clean.get(key)) {
        return '';
      }
      unknown.set(pointer, key);
      return value;
    }
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
      return value;
    }
    if (Array.isArray(value)) {
      return value.map((item, index) =>
        this.#visit(item, label, `${pointer}/${index}`, depth + 1, unknown),
      );
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        this.#visit(
          inner,
          name,
          `${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`,
          depth + 1,
          unknown,
        ),
      ]),
    );
  }
}
