import { keysOf, memberPointer, pointerOfRef } from './pointers';

const MAX_REFS = 100;

/** Of one object or array: more than this does not go into the engine. */
const MAX_NODE_CHARACTERS = 4_000_000;

/** A member as the engine gets it: with its value, or with the pointer of an object or array. */
type Member =
  | [key: string, value: unknown]
  | [key: string, value: null, pointer: string];

/** An object or array without what is in its members, or a value that is neither. */
export type DocumentNode =
  | { pointer: string; isList: boolean; members: Member[] }
  | { value: unknown }
  | { error: string };

interface Found {
  pointer: string;
  value: unknown;
}

/**
 * A document in the sandbox process. It stays outside of the engine, which
 * gets what code looks at, one object at a time, with `$ref` resolved.
 */
export class JsonDocument {
  readonly #root: unknown;

  constructor(json: string) {
    this.#root = JSON.parse(json);
  }

  /**
   * What is at a pointer, as JSON of a `DocumentNode`.
   *
   * A `$ref` is followed within the document; what stands beside it wins over
   * what it points to (OpenAPI 3.1). One that leads nowhere, out of the document
   * or to itself stays, with `$unresolved` to say so.
   *
   * @param omitted - pointers of members that are left out
   */
  read(pointer: string, omitted: ReadonlySet<string>): string {
    const found = this.#find(pointer);
    const shown = pointer.slice(0, 200);
    if (!found) {
      return JSON.stringify({ error: `There is nothing at ${shown}` });
    }
    try {
      return JSON.stringify(this.#nodeOf(found, omitted));
    } catch (error) {
      return JSON.stringify({ error: `${(error as Error).message}: ${shown}` });
    }
  }

  #nodeOf(found: Found, omitted: ReadonlySet<string>): DocumentNode {
    const beside: Found[] = [];
    const passed = new Set<string>();
    let target = found;
    for (let ref = refOf(target.value); ref !== undefined; ) {
      passed.add(target.pointer);
      const next = this.#followed(ref, passed);
      if (typeof next === 'string') {
        return nodeAt(found.pointer, [
          ['$ref', refOf(found.value)],
          ['$unresolved', next],
        ]);
      }
      if (Object.keys(target.value as object).length > 1) {
        beside.unshift(target);
      }
      target = next;
      ref = refOf(target.value);
    }
    if (!isContainer(target.value)) {
      return { value: target.value };
    }
    if (Array.isArray(target.value)) {
      const members = membersOf(target, omitted);
      return { pointer: target.pointer, isList: true, members };
    }
    if (!beside.length) {
      return nodeAt(target.pointer, membersOf(target, omitted));
    }
    const merged = new Map(
      [target, ...beside]
        .flatMap(part => membersOf(part, omitted))
        .filter(([key]) => key !== '$ref')
        .map(member => [member[0], member]),
    );
    return nodeAt(found.pointer, [...merged.values()]);
  }

  /** @returns why there is nothing to follow it to, or what it points to */
  #followed(ref: string, passed: Set<string>): Found | string {
    const pointer = pointerOfRef(ref);
    if (pointer === undefined) {
      return 'external';
    }
    if (passed.has(pointer) || passed.size > MAX_REFS) {
      return 'circular';
    }
    return this.#find(pointer) ?? 'missing';
  }

  #find(pointer: string): Found | undefined {
    let value = this.#root;
    const keys = keysOf(pointer);
    if (!keys) {
      return undefined;
    }
    for (const key of keys) {
      if (!isContainer(value) || !Object.hasOwn(value, key)) {
        return undefined;
      }
      value = (value as Record<string, unknown>)[key];
    }
    return { pointer, value };
  }
}

function nodeAt(pointer: string, members: Member[]): DocumentNode {
  return { pointer, isList: false, members };
}

/** @throws Error if they are too many or too large for the engine */
function membersOf(
  { pointer, value }: Found,
  omitted: ReadonlySet<string>,
): Member[] {
  const members: Member[] = [];
  let characters = 0;
  for (const key of Object.keys(value as object)) {
    const member = (value as Record<string, unknown>)[key];
    const at = memberPointer(pointer, key);
    characters +=
      key.length + (isContainer(member) ? at : String(member)).length;
    if (characters > MAX_NODE_CHARACTERS) {
      throw new Error('This part of the document is too large to be read');
    }
    if (!omitted.has(at)) {
      members.push(isContainer(member) ? [key, null, at] : [key, member]);
    }
  }
  return members;
}

/** A property of the name `$ref` may be described by a schema; only a text refers to something. */
function refOf(value: unknown): string | undefined {
  if (!isContainer(value) || !Object.hasOwn(value, '$ref')) {
    return undefined;
  }
  const { $ref: ref } = value as { $ref: unknown };
  return typeof ref === 'string' ? ref : undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
