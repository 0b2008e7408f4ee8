import { isRecord } from '../../json/isRecord';
import { pointerOf, resolved } from './references';

/** Of a schema in a definition: what is larger is left to the API to check. */
const MAX_NODES = 120;
const MAX_DEPTH = 6;

/** What is kept of a schema; the rest says nothing about what fits. */
const KEYWORDS = [
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'required',
];
const MAX_KEYWORD_CHARACTERS = 2_000;

/**
 * Makes a small JSON Schema of one that may be large, or refer to itself. It
 * accepts whatever that one does: what is too deep, too much or in doubt
 * becomes a schema that accepts all.
 *
 * @param root - the document
 */
export function smallSchema(root: unknown, schema: unknown): object {
  let nodes = 0;
  const shrink = (value: unknown, depth: number, above: string[]): object => {
    const pointer = pointerOf(value);
    const target = resolved(root, value);
    nodes += 1;
    if (
      !isRecord(target) ||
      depth > MAX_DEPTH ||
      nodes > MAX_NODES ||
      (pointer !== undefined && above.includes(pointer))
    ) {
      return {};
    }
    const path = pointer === undefined ? above : [...above, pointer];
    const kept: Record<string, unknown> = Object.fromEntries(
      KEYWORDS.filter(
        keyword => Object.hasOwn(target, keyword) && isSmall(target[keyword]),
      ).map(keyword => [keyword, target[keyword]]),
    );
    if (target.nullable === true) {
      // OpenAPI 3.0 says so beside the type.
      delete kept.type;
      delete kept.enum;
    }
    if (isRecord(target.properties)) {
      kept.properties = Object.fromEntries(
        Object.entries(target.properties)
          .filter(([name]) => name !== '__proto__')
          .map(([name, property]) => [name, shrink(property, depth + 1, path)]),
      );
    }
    if (isRecord(target.items)) {
      kept.items = shrink(target.items, depth + 1, path);
    }
    return kept;
  };
  const small = shrink(schema, 0, []);
  return nodes > MAX_NODES ? typeOnly(small) : small;
}

function typeOnly(schema: object): object {
  const { type } = schema as { type?: unknown };
  return type === undefined ? {} : { type };
}

function isSmall(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').length <= MAX_KEYWORD_CHARACTERS;
}
