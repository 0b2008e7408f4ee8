import { isUnicode } from '@prompt-corner/cedar-policies';
import { ITEMS, pathBelow } from './argumentPath';

/** Objects and arrays inside each other. No schema of 500 real tools goes deeper than 9. */
const MAX_DEPTH = 32;
const MAX_PATHS = 1_000;
const MAX_PATH_LENGTH = 1_000;
/** More would take longer to look at than some milliseconds. */
const MAX_VALUES = 100_000;

/** An argument, as policies see it. */
export type ArgumentValue =
  | { kind: 'text'; value: string }
  /** A whole number, exactly. */
  | { kind: 'number'; value: number }
  | { kind: 'flag'; value: boolean }
  /** What an array contains, as text. */
  | { kind: 'list'; value: string[] }
  /** Null, an empty object, a fraction or a number beyond 2^53: policies see only that it is there. */
  | { kind: 'other' };

/** The arguments of a call by their paths, or why they cannot be read. */
export type ReadArguments =
  | { values: Map<string, ArgumentValue> }
  | { refusal: string };

class Refusal extends Error {}

class ArgumentReader {
  readonly values = new Map<string, ArgumentValue>();
  #seen = 0;

  readObject(
    object: object,
    path: string | undefined,
    inArray: boolean,
    depth: number,
  ): void {
    this.#enter(depth);
    let isEmpty = true;
    // Not Object.entries: it would copy a huge object before the limits count.
    for (const key in object) {
      if (!Object.hasOwn(object, key)) {
        continue;
      }
      isEmpty = false;
      const value = (object as Record<string, unknown>)[key];
      this.#read(value, pathBelow(path, key), inArray, depth);
    }
    if (isEmpty && path !== undefined) {
      this.#add(path, { kind: 'other' });
    }
  }

  #read(value: unknown, path: string, inArray: boolean, depth: number): void {
    if (Array.isArray(value)) {
      this.#readArray(value, path + ITEMS, depth + 1);
      return;
    }
    if (typeof value === 'object' && value !== null) {
      this.readObject(value, path, inArray, depth + 1);
      return;
    }
    if (inArray) {
      this.#count();
      this.#list(path).push(textOf(value, path));
      return;
    }
    this.#add(path, scalar(value, path));
  }

  #readArray(array: unknown[], path: string, depth: number): void {
    this.#enter(depth);
    const items = this.#list(path);
    for (const item of array) {
      this.#count();
      if (typeof item === 'object' && item !== null) {
        // A mark, so that no condition on all items overlooks one.
        items.push(Array.isArray(item) ? '[]' : '{}');
        this.#read(item, path, true, depth);
      } else {
        items.push(textOf(item, path));
      }
    }
  }

  #list(path: string): string[] {
    const known = this.values.get(path);
    if (known?.kind === 'list') {
      return known.value;
    }
    const items: string[] = [];
    this.#add(path, { kind: 'list', value: items });
    return items;
  }

  #add(path: string, value: ArgumentValue): void {
    this.#count();
    if (path.length > MAX_PATH_LENGTH || !isUnicode(path)) {
      throw new Refusal(
        `The arguments have a name that policy cannot read: longer than ${MAX_PATH_LENGTH} characters with those around it, or not Unicode`,
      );
    }
    // In an array, an empty object must not take away what others have at its path.
    if (value.kind !== 'other' || !this.values.has(path)) {
      this.values.set(path, value);
    }
    if (this.values.size > MAX_PATHS) {
      throw new Refusal(
        `The arguments have more than ${MAX_PATHS} different fields, which policy does not read. Send fewer`,
      );
    }
  }

  #enter(depth: number): void {
    this.#count();
    if (depth > MAX_DEPTH) {
      throw new Refusal(
        `The arguments are nested deeper than ${MAX_DEPTH} levels, which policy does not read. Send flatter ones`,
      );
    }
  }

  #count(): void {
    this.#seen++;
    if (this.#seen > MAX_VALUES) {
      throw new Refusal(
        `The arguments have more than ${MAX_VALUES} values, which policy does not read. Send fewer`,
      );
    }
  }
}

/**
 * Flattens the arguments of a call. A path is that of `argumentPath.ts`; what
 * arrays contain is gathered at one path that ends with `[]`. Nothing is left
 * out: every argument has at least one path, or all are refused.
 *
 * @param given - JSON from outside, of any shape
 */
export function readArguments(
  given: Record<string, unknown> = {},
): ReadArguments {
  const reader = new ArgumentReader();
  try {
    reader.readObject(given, undefined, false, 1);
    return { values: reader.values };
  } catch (error) {
    if (error instanceof Refusal) {
      return { refusal: error.message };
    }
    throw error;
  }
}

function scalar(value: unknown, path: string): ArgumentValue {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', value: textOf(value, path) };
    case 'boolean':
      return { kind: 'flag', value };
    case 'number':
      // Cedar has no negative zero.
      return Number.isSafeInteger(value)
        ? { kind: 'number', value: value + 0 }
        : { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

function textOf(value: unknown, path: string): string {
  const text = String(value);
  if (!isUnicode(text)) {
    throw new Refusal(
      `The argument "${path}" is not Unicode text (it has half of a surrogate pair). Send it in another way, such as base64`,
    );
  }
  return text;
}
