import { assertSameTools, originsOf } from './origins';

const scopeOf = (tools: Record<string, string>) => ({
  originOf: (name: string) => tools[name],
});
const call = (number: number, tool: string) => ({
  number,
  tool,
  arguments: '{}',
  ms: 1,
});

it('code goes on only when its names mean the same tools', () => {
  const before = scopeOf({ a_b: 'a/b', c_d: 'c/d', e_f: 'e/f' });
  const origins = originsOf(
    [call(1, 'a_b'), call(2, 'c_d'), call(3, 'a_b'), call(4, 'gone')],
    before,
  );
  expect(origins).toEqual({ a_b: 'a/b', c_d: 'c/d' });
  assertSameTools(origins, before);
  assertSameTools(origins, scopeOf({ a_b: 'a/b', e_f: 'another' }));
  expect(() =>
    assertSameTools(origins, scopeOf({ a_b: 'a/b', c_d: 'c_d/x' })),
  ).toThrow('c_d is another tool now');
});
