const KEY = 'x-mcp-header';

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const TYPES = ['string', 'integer', 'boolean'];

/** Keywords whose values are no schemas. */
const DATA = new Set(['default', 'examples', 'const', 'enum']);

/**
 * What is wrong with the arguments of a tool that are sent as headers too
 * (protocol revision 2026-07-28, tools, `x-mcp-header`): clients have to leave
 * such a tool out, as nobody could call it in a way that all agree on.
 *
 * @param inputSchema - of the tool; JSON
 * @returns undefined when nothing is
 */
export function headerFault(inputSchema: unknown): string | undefined {
  return faultOf(inputSchema, {
    depth: 0,
    isReachable: true,
    names: new Set(),
  });
}

/** Where a part of a schema stands. */
interface Place {
  /** How many names of arguments lead to it. */
  depth: number;
  /** Whether names of arguments alone lead to it. */
  isReachable: boolean;
  /** Of headers, in small letters, that other parts have declared. */
  names: Set<string>;
}

function faultOf(schema: unknown, place: Place): string | undefined {
  if (typeof schema !== 'object' || schema === null) {
    return undefined;
  }
  const { depth, names } = place;
  let fault = Object.hasOwn(schema, KEY)
    ? declarationFault(schema as Record<string, unknown>, place)
    : undefined;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties' && typeof value === 'object') {
      for (const property of Object.values(value ?? {})) {
        fault ??= faultOf(property, { ...place, depth: depth + 1 });
      }
    } else if (!DATA.has(keyword)) {
      fault ??= faultOf(value, { depth, isReachable: false, names });
    }
  }
  return fault;
}

function declarationFault(
  { [KEY]: name, type }: Record<string, unknown>,
  { depth, isReachable, names }: Place,
): string | undefined {
  if (!isReachable || depth === 0) {
    return `${KEY} stands where no argument is: it may only be on one that "properties" name`;
  }
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    return `${KEY} is no name of a header`;
  }
  if (!TYPES.includes(type as string)) {
    return `${KEY} "${name}" is on an argument that is neither string, integer nor boolean`;
  }
  const before = names.size;
  return names.add(name.toLowerCase()).size === before
    ? `${KEY} "${name}" is there twice`
    : undefined;
}
