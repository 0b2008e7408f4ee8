import fc from 'fast-check';
import { pathBelow } from './argumentPath';
import { readArguments, type ArgumentValue } from './readArguments';

function valuesOf(given: Record<string, unknown>) {
  const read = readArguments(given);
  if ('refusal' in read) {
    throw new Error(read.refusal);
  }
  return Object.fromEntries(read.values);
}

function refusalOf(given: Record<string, unknown>): string {
  const read = readArguments(given);
  return 'refusal' in read ? read.refusal : 'none';
}

it('gives every argument a path and the kind of its JSON type', () => {
  expect(
    valuesOf({
      project: 'shop',
      limit: 25,
      options: { recursive: false, filters: {}, since: null },
      labels: ['bug', 7, true, null],
      users: [{ name: 'x' }, { name: 'y', roles: ['a'] }, 'z'],
      none: [],
    }),
  ).toEqual({
    project: { kind: 'text', value: 'shop' },
    limit: { kind: 'number', value: 25 },
    'options.recursive': { kind: 'flag', value: false },
    'options.filters': { kind: 'other' },
    'options.since': { kind: 'other' },
    'labels[]': { kind: 'list', value: ['bug', '7', 'true', 'null'] },
    // Objects leave a mark, so that "all of them are …" does not overlook one.
    'users[]': { kind: 'list', value: ['{}', '{}', 'z'] },
    'users[].name': { kind: 'list', value: ['x', 'y'] },
    'users[].roles[]': { kind: 'list', value: ['a'] },
    'none[]': { kind: 'list', value: [] },
  });
});

it('tells only of whole numbers what they are', () => {
  expect(
    valuesOf({ a: 1.5, b: 2 ** 53, c: 1e300, d: -0, e: 2 ** 53 - 1 }),
  ).toEqual({
    a: { kind: 'other' },
    b: { kind: 'other' },
    c: { kind: 'other' },
    d: { kind: 'number', value: 0 },
    e: { kind: 'number', value: 2 ** 53 - 1 },
  });
});

it('takes names that mean something to JavaScript as any other', () => {
  const given = JSON.parse(
    '{"__proto__": {"admin": true}, "constructor": "x", "toString": 1}',
  );
  const read = readArguments(given) as { values: Map<string, ArgumentValue> };
  expect([...read.values]).toEqual([
    ['__proto__.admin', { kind: 'flag', value: true }],
    ['constructor', { kind: 'text', value: 'x' }],
    ['toString', { kind: 'number', value: 1 }],
  ]);
  expect(valuesOf(Object.create({ inherited: 'x' }))).toEqual({});
});

it('never gives two arguments one path', () => {
  expect(
    Object.keys(valuesOf({ 'a.b': 1, a: { b: 2 }, 'c[]': 3, c: [4], '~1': 5 })),
  ).toEqual(['a~1b', 'a.b', 'c~2]', 'c[]', '~01']);

  const keys = fc.array(
    fc.string({
      unit: fc.constantFrom('a', '.', '~', '[', ']', '0', '1', '2'),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const pathOf = (parts: string[]) =>
    parts.reduce<string | undefined>(pathBelow, undefined);
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      expect(pathOf(one) === pathOf(other)).toBe(
        JSON.stringify(one) === JSON.stringify(other),
      );
    }),
  );
});

it('leaves nothing out of any JSON', () => {
  const count = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) {
      return 1;
    }
    const inside = Object.values(value).map(count);
    // An array tells of each item that is an array or object, besides what is in it.
    return Array.isArray(value)
      ? inside.reduce((sum, n) => sum + n, 0) +
          value.filter(item => typeof item === 'object' && item !== null).length
      : inside.reduce((sum, n) => sum + n, 0);
  };
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })),
      given => {
        const read = readArguments(given);
        // Deeper or wider than the limits are none of these.
        expect(read).not.toHaveProperty('refusal');
        const { values } = read as { values: Map<string, ArgumentValue> };
        const seen = [...values.values()].reduce(
          (sum, value) =>
            sum +
            (value.kind === 'list'
              ? value.value.length
              : Number(value.kind !== 'other')),
          0,
        );
        const others = [...values.values()].filter(
          ({ kind }) => kind === 'other',
        ).length;
        expect(seen + others).toBeGreaterThanOrEqual(count(given) - others);
      },
    ),
  );
});

it('refuses what is too deep, too wide or too much, quickly', () => {
  const nested = (depth: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = 'x';
    for (let i = 0; i < depth; i++) {
      value = wrap(value);
    }
    return { value };
  };
  expect(refusalOf(nested(31, inner => ({ a: inner })))).toBe('none');
  expect(refusalOf(nested(32, inner => ({ a: inner })))).toMatch(/32 levels/);
  expect(refusalOf(nested(100_000, inner => [inner]))).toMatch(/32 levels/);
  const wide = (width: number) =>
    Object.fromEntries(Array.from({ length: width }, (_, i) => [`k${i}`, i]));
  expect(refusalOf(wide(1_000))).toBe('none');
  expect(refusalOf(wide(1_001))).toMatch(/1000 different fields/);
  expect(refusalOf(wide(200_000))).toMatch(/1000 different fields/);
  expect(refusalOf({ rows: Array(1_000_000).fill(1) })).toMatch(
    /100000 values/,
  );
  expect(refusalOf({ rows: Array(200_000).fill({ a: 1 }) })).toMatch(
    /100000 values/,
  );
  expect(refusalOf({ ['k'.repeat(1_001)]: 1 })).toMatch(/1000 characters/);
});

it('refuses text that is not Unicode, which Cedar could take for another one', () => {
  expect(refusalOf({ a: '\ud800' })).toMatch(/"a" is not Unicode/);
  expect(refusalOf({ list: ['ok', '\udc00x'] })).toMatch(/"list\[\]"/);
  expect(refusalOf({ '\ud800': 1 })).toMatch(/not Unicode/);
  expect(refusalOf({ a: '😀 é 中' })).toBe('none');
});
