/** A JSON object, of which nothing is known. */
export type JsonObject = Record<string, unknown>;

/** What an answer has told so far, under the names that its format gives to fields. */
export class Told {
  readonly #values = new Map<string, unknown>();
  readonly #lists = new Map<string, unknown[]>();

  /**
   * Adds a value. Of objects each field is replaced, so that a later one that leaves
   * out what an earlier one said takes nothing back; nothing is ever added up.
   */
  add(name: string, value: unknown): void {
    const earlier = this.#values.get(name);
    this.#values.set(
      name,
      isObject(earlier) && isObject(value) ? merged(earlier, value) : value,
    );
  }

  /** Adds a value to those of which all count. */
  addToList(name: string, value: unknown): void {
    const list = this.#lists.get(name) ?? [];
    this.#lists.set(name, list);
    // A bound on memory, far above what any answer has.
    if (list.length < 1_000) {
      list.push(value);
    }
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' && value ? value : undefined;
  }

  object(name: string): JsonObject | undefined {
    const value = this.#values.get(name);
    return isObject(value) ? value : undefined;
  }

  value(name: string): unknown {
    return this.#values.get(name);
  }

  list(name: string): unknown[] {
    return this.#lists.get(name) ?? [];
  }
}

/** The second over the first, where it says anything. */
export function merged(under: JsonObject, over: JsonObject): JsonObject {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (value === null || key === '__proto__') {
      continue;
    }
    result[key] =
      isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return result;
}

/** Whether it is an object, and neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number of tokens or requests; whatever cannot be one counts as 0. */
export function count(value: unknown): number {
  const number = typeof value === 'number' ? Math.round(value) : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** A number inside an object. */
export function countIn(object: unknown, key: string): number {
  return isObject(object) ? count(object[key]) : 0;
}
