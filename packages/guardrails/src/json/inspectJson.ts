import { ENGINE_DETECTORS } from '../detectors/engineDetectors';
import type { Inspector } from '../engine/Inspector';

/** How far JSON is walked. */
export interface JsonLimits {
  depth: number;
  nodes: number;
}

/** Numbers below are ids and counts, and never a card, an account or a phone. */
const MIN_NUMBER = 10_000_000;

class JsonWalk {
  readonly #inspector: Inspector;
  readonly #limits: JsonLimits;
  /** Keys repeat in lists; clean ones are looked at once. */
  readonly #cleanKeys = new Set<string>();
  #nodes = 0;
  #stopped = false;

  constructor(inspector: Inspector, limits: JsonLimits) {
    this.#inspector = inspector;
    this.#limits = limits;
  }

  visit(
    value: unknown,
    pointer: string,
    label: string,
    depth: number,
  ): unknown {
    if (this.#isOver(pointer)) {
      return value;
    }
    if (typeof value === 'string') {
      return this.#inspector.inspect(value, { pointer, label });
    }
    if (typeof value === 'number') {
      return this.#visitNumber(value, pointer, label);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    if (depth >= this.#limits.depth) {
      this.#inspector.note(
        ENGINE_DETECTORS.tooDeep,
        { pointer },
        `Nested deeper than ${
          this.#limits.depth
        } levels; what is below was not looked at`,
      );
      return value;
    }
    return Array.isArray(value)
      ? this.#visitArray(value, pointer, label, depth)
      : this.#visitObject(value, pointer, depth);
  }

  #visitNumber(value: number, pointer: string, label: string): unknown {
    if (!Number.isSafeInteger(value) || Math.abs(value) < MIN_NUMBER) {
      return value;
    }
    const text = String(value);
    const inspected = this.#inspector.inspect(text, { pointer, label });
    return inspected === text ? value : inspected;
  }

  /** Elements have the label of their list: `{"passwords": ["…"]}`. */
  #visitArray(
    list: unknown[],
    pointer: string,
    label: string,
    depth: number,
  ): unknown[] {
    let copy: unknown[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const visited = this.visit(
        list[index],
        `${pointer}/${index}`,
        label,
        depth + 1,
      );
      if (visited !== list[index]) {
        copy ??= [...list];
        copy[index] = visited;
      }
    }
    return copy ?? list;
  }

  #visitObject(object: object, pointer: string, depth: number): object {
    const entries: [string, unknown][] = Object.entries(object);
    let isChanged = false;
    const taken = new Set<string>();
    const visited = entries.map(([key, value]): [string, unknown] => {
      const place = `${pointer}/${escapeKey(key)}`;
      const newKey = freeKey(this.#visitKey(key, place), key, object, taken);
      const newValue = this.visit(value, place, key, depth + 1);
      isChanged ||= newKey !== key || newValue !== value;
      return [newKey, newValue];
    });
    // fromEntries defines properties, so that a key "__proto__" is only a key.
    return isChanged ? Object.fromEntries(visited) : object;
  }

  #visitKey(key: string, pointer: string): string {
    if (this.#cleanKeys.has(key) || this.#isOver(pointer)) {
      return key;
    }
    const visited = this.#inspector.inspect(key, { pointer, inKey: true });
    if (visited === key) {
      this.#cleanKeys.add(key);
    }
    return visited;
  }

  #isOver(pointer: string): boolean {
    if (this.#stopped) {
      return true;
    }
    this.#nodes++;
    if (this.#nodes > this.#limits.nodes) {
      this.#stopped = true;
      this.#inspector.note(
        ENGINE_DETECTORS.tooMany,
        { pointer },
        `More than ${this.#limits.nodes} values; the rest was not looked at`,
      );
    }
    return this.#stopped;
  }
}

/** Redacted keys may become equal to each other, or to one that exists. */
function freeKey(
  key: string,
  original: string,
  object: object,
  taken: Set<string>,
): string {
  if (key === original) {
    return key;
  }
  let free = key;
  for (let count = 2; taken.has(free) || Object.hasOwn(object, free); count++) {
    free = `${key} (${count})`;
  }
  taken.add(free);
  return free;
}

/** RFC 6901, section 3. */
export function escapeKey(key: string): string {
  return key.includes('~') || key.includes('/')
    ? key.replace(/~/g, '~0').replace(/\//g, '~1')
    : key;
}

/**
 * Looks at every string of a JSON value, in values and in keys, and at large
 * whole numbers.
 *
 * @returns a copy without what must not pass; unchanged parts are shared with
 *   the input, which is never changed
 */
export function inspectJson(
  value: unknown,
  inspector: Inspector,
  limits: JsonLimits,
): unknown {
  return new JsonWalk(inspector, limits).visit(value, '', '', 0);
}
