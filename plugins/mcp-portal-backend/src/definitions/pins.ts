import { InputError } from '@backstage/errors';
import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';

/** Of the canonical JSON of one definition. The longest of 500 real tools had 9 KiB. */
export const MAX_DEFINITION_BYTES = 64 * 1024;

/** Of objects and arrays in each other. */
export const MAX_DEFINITION_DEPTH = 32;

/** What a pin looks like. */
export const PIN_PATTERN = /^sha256:[0-9a-f]{64}$/;

/**
 * The pin of a definition: SHA-256 over the canonical JSON (RFC 8785) of the
 * whole object as the server sent it. Everything in it counts, also what no
 * client shows: a pin of the visible text alone misses most ways to change
 * what a model reads.
 *
 * @returns `sha256:` and hex
 * @throws InputError when the object is not plain JSON, too large or too deep
 */
export function pinOf(definition: unknown): string {
  return pinOfJson(canonicalJson(definition));
}

/**
 * The canonical JSON of a definition.
 *
 * @throws InputError as {@link pinOf}
 */
export function canonicalJson(definition: unknown): string {
  if (!isObject(definition) || Array.isArray(definition)) {
    throw new InputError('A definition has to be a JSON object');
  }
  assertPlainJson(definition, 1);
  const json = canonicalize(definition)!;
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_DEFINITION_BYTES) {
    throw new InputError(
      `The definition has ${bytes} bytes; at most ${MAX_DEFINITION_BYTES} are allowed`,
    );
  }
  return json;
}

/** The pin of what {@link canonicalJson} returned. */
export function pinOfJson(canonical: string): string {
  return `sha256:${createHash('sha256').update(canonical).digest('hex')}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Only what JSON has. `canonicalize` follows `JSON.stringify`, which leaves
 * out or replaces the rest, so that two different objects would get one pin.
 */
function assertPlainJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean') {
    return;
  }
  if (typeof value === 'string') {
    assertWellFormed(value);
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new InputError('A definition cannot have NaN or Infinity');
    }
    return;
  }
  if (typeof value !== 'object') {
    throw new InputError(
      `A definition cannot have a value of type ${typeof value}`,
    );
  }
  if (depth > MAX_DEFINITION_DEPTH) {
    throw new InputError(
      `The definition is nested more than ${MAX_DEFINITION_DEPTH} levels deep`,
    );
  }
  if (Array.isArray(value)) {
    // Not forEach, which leaves out holes.
    for (const item of value) {
      assertPlainJson(item, depth + 1);
    }
    return;
  }
  assertPlainObject(value);
  for (const [key, item] of Object.entries(value)) {
    assertWellFormed(key);
    assertPlainJson(item, depth + 1);
  }
}

function assertPlainObject(value: object): void {
  const prototype = Object.getPrototypeOf(value);
  // The prototype of objects differs between realms; that it has none itself does not.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new InputError('A definition cannot have an instance of a class');
  }
}

function assertWellFormed(text: string): void {
  // RFC 8785, section 3.2.2.2: lone surrogates have no canonical form.
  if (/\p{Surrogate}/u.test(text)) {
    throw new InputError('A definition cannot have half of a surrogate pair');
  }
}
