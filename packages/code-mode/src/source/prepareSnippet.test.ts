import { prepareSnippet } from './prepareSnippet';
import { SnippetSyntaxError } from './SnippetSyntaxError';

/** What the snippet's function returns; Node.js stands in for the engine. */
async function evaluate(text: string) {
  // eslint-disable-next-line no-eval
  return (0, eval)(prepareSnippet(text).expression)();
}

describe('a snippet', () => {
  it.each([
    ['an async arrow function', 'async () => { return 5 }', 5],
    ['an arrow function with an expression', '() => 5', 5],
    ['a function in parentheses', '(async () => 5)', 5],
    [
      'a function with a semicolon and a comment',
      'async () => 5; // five\n',
      5,
    ],
    ['a function that is called already', '(async () => 5)()', 5],
    ['a function expression', 'async function () { return 5 }', 'error'],
    ['a named function', 'async function main() { return 5 }', 5],
    ['statements with return', 'const a = 2; return a + 3;', 5],
    ['statements whose last is an expression', 'const a = 2;\na + 3', 5],
    ['statements whose last is a function', 'const a = 5;\nasync () => a', 5],
    ['await at the top', 'const a = await Promise.resolve(5); a', 5],
    ['export default of a function', 'export default async () => 5;', 5],
    [
      'export default of a declaration',
      'export default async function run() { return 5 }',
      5,
    ],
    ['export default of a value', 'const a = 5; export default a;', 5],
    ['an object in parentheses', '({ a: 5 }).a', 5],
    ['a code fence', '```js\nasync () => 5\n```', 5],
    [
      'a code fence with an introduction',
      'Here is the code:\n\n```typescript\nconst a: number = 5;\nreturn a;\n```\nIt returns five.',
      5,
    ],
    ['a code fence that is not closed', '```\nreturn 5', 5],
    [
      'a template string with a fence',
      'const text = `\n~~~js\n`; return text.length',
      7,
    ],
    [
      'type annotations',
      'const f = (a: number, b?: string): number => a as number;\nreturn f(5)',
      5,
    ],
    [
      'an interface and a generic',
      'interface A { a: number }\nasync () => { const a: Array<A> = [{ a: 5 }]; return a[0]!.a satisfies number }',
      5,
    ],
    ['no strict mode', 'undeclared = 5; return undeclared', 5],
    ['nothing but a comment', '// nothing', undefined],
  ])('may be %s', async (_name, text, result) => {
    const outcome = evaluate(text).catch(() => 'error');
    expect(await outcome).toEqual(result);
  });

  it.each([
    ['const a = ;', 1, 11],
    ['```js\nconst a = 1;\nreturn a +;\n```', 3, 11],
    ['const a: number = 1;\nreturn a +;', 1, 8],
    ['1 }); (async () => { 2', 1, 3],
  ])('that is wrong says where: %j', (text, line, column) => {
    let error: unknown;
    try {
      prepareSnippet(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SnippetSyntaxError);
    expect(error).toMatchObject({ line, column });
  });

  it.each(["import fs from 'fs'; 1", "export * from 'fs'", '('.repeat(30_000)])(
    'cannot import, nor be too deep',
    text => {
      expect(() => prepareSnippet(text)).toThrow(SnippetSyntaxError);
    },
  );

  it('leads positions back to the text, over what was put in', () => {
    const text = 'const a = null;\na.b + a.c';
    const { expression, originalPosition } = prepareSnippet(text);
    const lines = expression.split('\n');
    expect(lines[1]).toBe('return (a.b + a.c)');
    expect(originalPosition(2, lines[1].indexOf('a.c') + 1)).toEqual({
      line: 2,
      column: 7,
    });
    expect(originalPosition(1, expression.indexOf('null') + 1)).toEqual({
      line: 1,
      column: 11,
    });
  });
});
