import fc from 'fast-check';
import { MAX_DEFINITION_BYTES, MAX_DEFINITION_DEPTH, pinOf } from './pins';

const TOOL = {
  name: 'create_issue',
  title: 'Create an issue',
  description: 'Creates an issue in a project',
  inputSchema: {
    type: 'object',
    properties: {
      project: { type: 'string', description: 'Path of the project' },
      weight: { type: 'number', minimum: 0, maximum: 9.5 },
      labels: { type: 'array', items: { enum: ['bug', 'feature', null] } },
    },
    required: ['project'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: false },
  icons: [{ src: 'https://example.com/icon.png' }],
  _meta: { 'example.com/version': 3 },
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const definitions = fc
  .dictionary(fc.string({ unit: 'grapheme' }), json)
  .filter(isWellFormed);

/** fast-check makes halves of surrogate pairs, too, which are refused. */
function isWellFormed(value: unknown): boolean {
  return !/\\ud[89a-f]/i.test(JSON.stringify(value));
}

/** Every place in a value, as the keys that lead there. */
function placesOf(value: Json, path: string[] = []): string[][] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) =>
          placesOf(item, [...path, key]),
        )
      : [];
  return [path, ...below];
}

/** A copy in which one place is something else. */
function mutated(
  value: Json,
  path: string[],
  mutate: (old: Json) => Json,
): Json {
  if (!path.length) {
    return mutate(value);
  }
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      String(index) === key ? mutated(item, rest, mutate) : item,
    );
  }
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [
      name,
      name === key ? mutated(item, rest, mutate) : item,
    ]),
  );
}

/** The same JSON with every object's keys in another order. */
function reordered(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(reordered);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, item]): [string, Json] => [key, reordered(item)])
        .reverse(),
    );
  }
  return value;
}

describe('a pin', () => {
  it('is the SHA-256 of the canonical JSON of RFC 8785', () => {
    // Of {"1":{"\n":56,"f":"€"},"a":1e+30,"name":"x"} in UTF-8, by another program.
    expect(pinOf({ name: 'x', a: 1e30, '1': { f: '€', '\n': 56.0 } })).toBe(
      'sha256:c17df2939bde41e95904e8dd16cc4f1eb4e58613c9bf2f130bca451afca9bc72',
    );
  });

  it('changes with any single change anywhere in a tool', () => {
    const pin = pinOf(TOOL);
    const places = placesOf(TOOL as unknown as Json).filter(
      path => path.length,
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), json, (path, other) => {
        const changed = mutated(TOOL as unknown as Json, path, old => {
          fc.pre(isWellFormed(other) && !isDeepEqual(old, other));
          return other;
        });
        expect(pinOf(changed)).not.toBe(pin);
      }),
    );
    for (const path of places) {
      const renamed = mutated(
        TOOL as unknown as Json,
        path.slice(0, -1),
        parent => {
          const copy = JSON.parse(JSON.stringify(parent));
          if (Array.isArray(copy)) {
            copy.push(copy[0]);
            return copy;
          }
          const key = path.at(-1)!;
          copy[`${key}\u200b`] = copy[key];
          delete copy[key];
          return copy;
        },
      );
      expect([path, pinOf(renamed)]).not.toEqual([path, pin]);
      const without = mutated(
        TOOL as unknown as Json,
        path.slice(0, -1),
        parent => {
          const copy = JSON.parse(JSON.stringify(parent));
          if (Array.isArray(copy)) {
            copy.splice(Number(path.at(-1)), 1);
          } else {
            delete copy[path.at(-1)!];
          }
          return copy;
        },
      );
      expect([path, pinOf(without)]).not.toEqual([path, pin]);
    }
  });

  it('differs for any two definitions that differ, and not by the order of keys or the way of the network', () => {
    fc.assert(
      fc.property(definitions, definitions, (a, b) => {
        expect(pinOf(reordered(a))).toBe(pinOf(a));
        expect(pinOf(JSON.parse(JSON.stringify(a, undefined, 2)))).toBe(
          pinOf(a),
        );
        const same = isDeepEqual(a, b);
        expect(pinOf(a) === pinOf(b)).toBe(same);
      }),
    );
  });

  it('counts keys that objects treat in a way of their own', () => {
    const plain = pinOf(JSON.parse('{"name":"x"}'));
    const hidden = pinOf(JSON.parse('{"name":"x","__proto__":{"a":1}}'));
    const other = pinOf(JSON.parse('{"name":"x","__proto__":{"a":2}}'));
    expect(new Set([plain, hidden, other]).size).toBe(3);
  });

  it.each([
    ['NaN', { a: NaN }],
    ['Infinity', { a: [Infinity] }],
    ['undefined', { a: undefined }],
    ['a hole', { a: [, 1] }], // eslint-disable-line no-sparse-arrays
    ['a function', { toJSON: () => ({}) }],
    ['a bigint', { a: 1n }],
    ['a date', { a: new Date(0) }],
    ['half of a surrogate pair', { a: '\ud800' }],
    ['half of a surrogate pair in a key', { 'a\udc00': 1 }],
    ['a list', [1]],
    ['a string', 'x'],
    ['null', null],
  ])(
    'is refused for %s, which is not JSON or not an object',
    (_what, value) => {
      expect(() => pinOf(value)).toThrow(/definition/i);
    },
  );

  it('is refused for what is too large or too deep, and given for what just fits', () => {
    const nested = (depth: number) =>
      JSON.parse(`${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`);
    expect(pinOf(nested(MAX_DEFINITION_DEPTH))).toMatch(/^sha256:/);
    expect(() => pinOf(nested(MAX_DEFINITION_DEPTH + 1))).toThrow('32 levels');
    expect(() => pinOf(nested(5_000))).toThrow('32 levels');

    const sized = (bytes: number) => ({
      a: 'é'.repeat((bytes - '{"a":""}'.length) / 2),
    });
    expect(pinOf(sized(MAX_DEFINITION_BYTES))).toMatch(/^sha256:/);
    expect(() => pinOf(sized(MAX_DEFINITION_BYTES + 2))).toThrow('65538 bytes');
  });
});

function isDeepEqual(a: Json, b: Json): boolean {
  const sorted = (value: Json): unknown => {
    if (Array.isArray(value)) {
      return value.map(sorted);
    }
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value)
        .sort(([x], [y]) => (x < y ? -1 : 1))
        .map(([key, item]) => [key, sorted(item), 'entry']);
    }
    return value;
  };
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
