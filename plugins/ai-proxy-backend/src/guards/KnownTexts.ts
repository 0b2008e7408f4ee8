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
   * A request without the texts that are known. Only what has to change is copied.
   *
   * @returns the request, and the long texts that are not known yet, by JSON pointer
   */
  without<T>(value: T): { rest: T; unknown: Map<string, string> } {
    const unknown = new Map<string, string>();
    const rest = this.#visit(value, '', [], unknown) as T;
    return { rest, unknown };
  }

  /** Remembers texts in which nothing was found. */
  add(texts: Iterable<string>): void {
    for (const key of texts) {
      this.#clean.set(key, true);
    }
  }

  /**
   * @param label - of the property, which guardrails read as well; elements have that of their list
   * @param path - names of members and indexes of elements, which lead to the value
   */
  #visit(
    value: unknown,
    label: string,
    path: string[],
    unknown: Map<string, string>,
  ): unknown {
    if (typeof value === 'string') {
      return value.length < MIN_LENGTH
        ? value
        : this.#visitText(value, label, path, unknown);
    }
    if (
      typeof value !== 'object' ||
      value === null ||
      path.length > MAX_DEPTH
    ) {
      return value;
    }
    const isList = Array.isArray(value);
    const from = value as Record<string, unknown>;
    let copy: Record<string, unknown> | undefined;
    for (const name of Object.keys(from)) {
      path.push(name);
      const visited = this.#visit(
        from[name],
        isList ? label : name,
        path,
        unknown,
      );
      path.pop();
      if (visited !== from[name]) {
        copy ??= isList
          ? ([...value] as unknown as Record<string, unknown>)
          : { ...from };
        copy[name] = visited;
      }
    }
    return copy ?? value;
  }

  #visitText(
    text: string,
    label: string,
    path: string[],
    unknown: Map<string, string>,
  ): string {
    const key = `${label}\n${text}`;
    if (this.#clean.get(key)) {
      return '';
    }
    unknown.set(
      path
        .map(name => `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`)
        .join(''),
      key,
    );
    return text;
  }
}
