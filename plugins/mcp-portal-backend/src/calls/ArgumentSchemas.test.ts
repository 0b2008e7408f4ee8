import { ArgumentSchemas } from './ArgumentSchemas';

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#';
const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema';

it('says what is wrong, in words for a model', () => {
  const schemas = new ArgumentSchemas();
  const schema = {
    type: 'object',
    properties: { level: { enum: ['low', 'high'] }, n: { type: 'number' } },
    required: ['n'],
    additionalProperties: false,
  };
  expect(
    schemas.problemOf('a', schema, { n: 1, level: 'low' }),
  ).toBeUndefined();
  const problem = schemas.problemOf('a', schema, { level: 'mid', x: 1 });
  expect(problem).toContain("must have required property 'n'");
  expect(problem).toContain('("x")');
  expect(problem).toContain(
    '/level must be equal to one of the allowed values: ["low","high"]',
  );
});

it('knows the dialects of 2020-12 and draft 7', () => {
  const schemas = new ArgumentSchemas();
  const pair = [{ type: 'string' }, { type: 'number' }];
  for (const [key, schema] of [
    ['new', { $schema: DRAFT_2020, prefixItems: pair }],
    ['old', { $schema: DRAFT_7, items: pair }],
  ] as const) {
    expect(schemas.problemOf(key, schema, ['a', 1])).toBeUndefined();
    expect(schemas.problemOf(key, schema, [1, 'a'])).toContain(
      '/0 must be string',
    );
  }
});

it('is not held up by a pattern that backtracks', () => {
  const schemas = new ArgumentSchemas();
  const schema = { type: 'string', pattern: '^(a+)+$' };
  const started = performance.now();
  expect(schemas.problemOf('p', schema, `${'a'.repeat(50_000)}!`)).toContain(
    'pattern',
  );
  // A backtracking engine would take longer than the age of the universe.
  expect(performance.now() - started).toBeLessThan(5_000);
});

it('tells patterns apart', () => {
  const schema = {
    properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } },
  };
  const schemas = new ArgumentSchemas();
  expect(schemas.problemOf('s', schema, { a: 'a', b: 'b' })).toBeUndefined();
  expect(schemas.problemOf('s', schema, { a: 'a', b: 'a' })).toContain('/b');
});

it.each([
  [{ type: 'nonsense' }],
  [{ $ref: 'https://example.com/schema.json' }],
  [{ pattern: '(?=look-ahead)' }],
  ['no schema'],
  [null],
])('leaves checking to the server when a schema cannot be used: %j', schema => {
  expect(
    new ArgumentSchemas().problemOf('x', schema, { any: 1 }),
  ).toBeUndefined();
});

it('keeps schemas with the same id apart', () => {
  const schemas = new ArgumentSchemas();
  const of = (type: string) => ({ $id: 'https://example.com/same', type });
  expect(schemas.problemOf('one', of('string'), 'a')).toBeUndefined();
  expect(schemas.problemOf('two', of('number'), 'a')).toContain(
    'must be number',
  );
});
