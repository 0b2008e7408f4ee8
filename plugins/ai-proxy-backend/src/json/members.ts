/** Where a member of a JSON object stands, as byte offsets; the ends are exclusive. */
export interface Member {
  keyStart: number;
  valueStart: number;
  valueEnd: number;
}

/** Where something stands, as byte offsets; the end is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** The members of an object, by name, and where a further one can be inserted. */
export interface Members {
  byName: ReadonlyMap<string, Member>;
  /** Of the closing brace. */
  end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const SHORT_STRING = 48;

/** Most servers read no JSON that is nested deeper, and no API does. */
const MAX_DEPTH = 1_000;

/** Thrown for JSON that readers could understand in different ways. */
export class AmbiguousJsonError extends Error {
  override name = 'AmbiguousJsonError';
}

/**
 * Finds the members of a JSON object without touching their values, so that one
 * of them can be changed and all other bytes stay as they are.
 *
 * A name that appears twice is refused: of two values, JSON readers differ in
 * which they take (RFC 8259, section 4), so that the proxy might check one and
 * the provider use the other.
 *
 * @param json - valid JSON, as `JSON.parse` has proved, in UTF-8
 * @param start - where the object begins; white space before it is skipped
 * @returns undefined when there is something else than an object
 * @throws AmbiguousJsonError when a name appears twice
 */
export function membersOf(json: Buffer, start = 0): Members | undefined {
  let at = skipSpace(json, start);
  if (json[at] !== OPEN_OBJECT) {
    return undefined;
  }
  const byName = new Map<string, Member>();
  at = skipSpace(json, at + 1);
  while (json[at] !== CLOSE_OBJECT) {
    const keyStart = at;
    at = endOfString(json, at);
    const name = nameOf(json, keyStart, at);
    at = skipSpace(json, skipSpace(json, at) + 1);
    const valueStart = at;
    at = endOfValue(json, at);
    if (byName.has(name)) {
      throw twice(name);
    }
    byName.set(name, { keyStart, valueStart, valueEnd: at });
    at = skipSpace(json, at);
    if (json[at] === COMMA) {
      at = skipSpace(json, at + 1);
    }
  }
  return { byName, end: at };
}

/**
 * Finds the elements of a JSON array.
 *
 * @param json - valid JSON, as `JSON.parse` has proved, in UTF-8
 * @param start - where the array begins
 */
export function elementsOf(json: Buffer, start: number): Span[] {
  const elements: Span[] = [];
  let at = skipSpace(json, start + 1);
  while (json[at] !== CLOSE_ARRAY) {
    const end = endOfValue(json, at);
    elements.push({ start: at, end });
    at = skipSpace(json, end);
    if (json[at] === COMMA) {
      at = skipSpace(json, at + 1);
    }
  }
  return elements;
}

/**
 * Refuses JSON in which an object has a name twice, however deep, and what is
 * nested deeper than others would read it.
 *
 * @param json - valid JSON, as `JSON.parse` has proved, in UTF-8
 * @param span - what to look at: a value, or a member of an object
 * @throws AmbiguousJsonError
 */
export function checkNames(json: Buffer, { start, end }: Span): void {
  // Names of each object that is open; undefined for an array.
  const open: Array<Set<string> | undefined> = [];
  let isName = false;
  let at = start;
  while (at < end) {
    switch (json[at]) {
      case QUOTE: {
        const next = endOfString(json, at);
        if (isName) {
          addName(open.at(-1)!, nameOf(json, at, next));
          isName = false;
        }
        at = next;
        break;
      }
      case OPEN_OBJECT:
        open.push(new Set());
        checkDepth(open);
        isName = true;
        at++;
        break;
      case OPEN_ARRAY:
        open.push(undefined);
        checkDepth(open);
        at++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        isName = false;
        at++;
        break;
      case COMMA:
        isName = open.at(-1) !== undefined;
        at++;
        break;
      default:
        at++;
    }
  }
}

function checkDepth({ length }: unknown[]): void {
  if (length > MAX_DEPTH) {
    throw new AmbiguousJsonError(
      `It is nested deeper than ${MAX_DEPTH}. Send it flatter`,
    );
  }
}

function addName(names: Set<string>, name: string): void {
  if (names.has(name)) {
    throw twice(name);
  }
  names.add(name);
}

function twice(name: string): AmbiguousJsonError {
  return new AmbiguousJsonError(
    `"${name.slice(0, 64)}" appears twice in the same object. Send it once`,
  );
}

function nameOf(json: Buffer, start: number, end: number): string {
  const raw = json.toString('utf8', start + 1, end - 1);
  return raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw;
}

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (json[at] <= 0x20) {
    at++;
  }
  return at;
}

/** @param start - of the opening quote */
function endOfString(json: Buffer, start: number): number {
  // Names and short values are looked through here: calling native code costs more.
  for (let at = start + 1; at < start + SHORT_STRING; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      return at + 1;
    }
    if (byte === BACKSLASH) {
      break;
    }
  }
  let quote = json.indexOf(QUOTE, start + 1);
  while (isEscaped(json, quote)) {
    quote = json.indexOf(QUOTE, quote + 1);
  }
  return quote + 1;
}

function isEscaped(json: Buffer, quote: number): boolean {
  let backslashes = 0;
  while (json[quote - 1 - backslashes] === BACKSLASH) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}

function endOfValue(json: Buffer, start: number): number {
  let at = start;
  let depth = 0;
  do {
    switch (json[at]) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth++;
        at++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth--;
        at++;
        break;
      case COMMA:
      case COLON:
        at++;
        break;
      default:
        at = depth === 0 ? endOfScalar(json, at) : at + 1;
    }
  } while (depth > 0);
  return at;
}

function endOfScalar(json: Buffer, start: number): number {
  let at = start;
  while (
    json[at] > 0x20 &&
    json[at] !== COMMA &&
    json[at] !== CLOSE_OBJECT &&
    json[at] !== CLOSE_ARRAY
  ) {
    at++;
  }
  return at;
}
