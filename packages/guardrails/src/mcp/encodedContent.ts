import { isText } from '../text/decode';
import { atPath } from './propagate';

type JsonObject = Record<string, unknown>;

/** Base64 in a result, and what stood in its place while the result was inspected. */
export interface EncodedContent {
  /** Leads to the object that has it. */
  path: string[];
  key: string;
  original: string;
  /** Empty when it is no text. */
  text: string;
}

/** Types whose content is text in spite of their names. */
const TEXTUAL =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|toml|javascript|ecmascript|sql|graphql|x-sh|x-www-form-urlencoded|[\w.-]+\+(?:json|xml|yaml))|image\/svg\+xml)/i;

/** Where MCP puts content: of tools, of resources, of prompts. */
const CONTAINERS = ['content', 'contents', 'resource', 'messages'];

/** `messages/0/content/resource` is the deepest place that MCP knows. */
const MAX_DEPTH = 8;

/**
 * Copies a result with text in place of base64, or nothing where that is no
 * text; notes each place in `found`.
 */
export function readEncoded(
  value: unknown,
  path: string[],
  found: EncodedContent[],
): unknown {
  if (typeof value !== 'object' || value === null || path.length > MAX_DEPTH) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((element, index) =>
      readEncoded(element, [...path, String(index)], found),
    );
  }
  const object = value as JsonObject;
  const copy = { ...object };
  for (const key of CONTAINERS) {
    if (Object.hasOwn(object, key)) {
      copy[key] = readEncoded(object[key], [...path, key], found);
    }
  }
  for (const key of ['blob', 'data']) {
    const original = object[key];
    if (Object.hasOwn(object, key) && isEncoded(object, key, original)) {
      const text = decode(original, object.mimeType);
      found.push({ path, key, original, text });
      copy[key] = text;
    }
  }
  return copy;
}

/** Puts base64 back into a copy: the original where nothing was taken out. */
export function restoreEncoded(
  copy: unknown,
  found: readonly EncodedContent[],
) {
  for (const { path, key, original, text } of found) {
    const object = atPath(copy, path) as JsonObject;
    object[key] =
      object[key] === text
        ? original
        : Buffer.from(String(object[key]), 'utf8').toString('base64');
  }
}

function isEncoded(
  object: JsonObject,
  key: string,
  value: unknown,
): value is string {
  return (
    typeof value === 'string' &&
    (key === 'blob' ||
      (key === 'data' && (object.type === 'image' || object.type === 'audio')))
  );
}

function decode(encoded: string, mimeType: unknown): string {
  const bytes = Buffer.from(encoded, 'base64');
  const isDeclared = typeof mimeType === 'string' && TEXTUAL.test(mimeType);
  // A type is only the server's word: an "image" that is text is read as well.
  return isDeclared || isText(bytes.subarray(0, 4096))
    ? bytes.toString('utf8')
    : '';
}
