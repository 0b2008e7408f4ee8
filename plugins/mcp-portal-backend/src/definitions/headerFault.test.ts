import { headerFault } from './headerFault';

const header = (name: unknown, type = 'string') => ({
  type,
  'x-mcp-header': name,
});

const of = (properties: object, more: object = {}) =>
  headerFault({ type: 'object', properties, ...more });

it('finds nothing wrong with headers of simple arguments, however deep they are', () => {
  expect(headerFault(undefined)).toBeUndefined();
  expect(headerFault({ type: 'object' })).toBeUndefined();
  expect(
    of({
      region: header('Region'),
      count: header('Count', 'integer'),
      dry: header("!#$%&'*+.^_`|~9", 'boolean'),
      inner: { type: 'object', properties: { zone: header('Zone') } },
      'x-mcp-header': { type: 'string' },
      plain: { type: 'string', default: { 'x-mcp-header': 'no schema' } },
    }),
  ).toBeUndefined();
});

it.each<[string, string | undefined]>([
  ['a name with a space', of({ a: header('a b') })],
  ['a line feed', of({ a: header('a\nb') })],
  ['no name', of({ a: header('') })],
  ['a number as name', of({ a: header(7) })],
  ['an object', of({ a: header('A', 'object') })],
  ['a number', of({ a: header('A', 'number') })],
  ['a name for two', of({ a: header('Same'), b: header('sAME') })],
  [
    'a name for two, one of them deeper',
    of({ a: header('A'), o: { properties: { b: header('a') } } }),
  ],
  ['the schema itself', headerFault({ ...header('A'), properties: {} })],
  ['items', of({ a: { type: 'array', items: header('A') } })],
  ['an alternative', of({ a: { anyOf: [header('A')] } })],
  [
    'what alternatives name',
    of({}, { anyOf: [{ properties: { a: header('A') } }] }),
  ],
  ['definitions', of({}, { $defs: { a: header('A') } })],
])('finds %s wrong', (_, fault) => {
  expect(fault).toMatch(/x-mcp-header/);
});
