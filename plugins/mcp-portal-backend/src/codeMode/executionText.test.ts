import { resumedIn, resumption } from './executionText';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

it.each([
  resumption(ID),
  ` await codemode.resume('${ID}');\n`,
  `return await codemode.resume(\`${ID}\`)`,
  `async () => codemode.resume("${ID}")`,
  `async () => {\n  return await codemode.resume("${ID}");\n}`,
  `\`\`\`js\ncodemode.resume("${ID}")\n\`\`\``,
])('code that only resumes an execution is told from other code: %s', code => {
  expect(resumedIn(code)).toBe(ID);
});

it.each([
  `codemode.resume("x")`,
  `codemode.resume("${ID}"); codemode.a_b({})`,
  `// codemode.resume("${ID}")`,
  `async () => { await codemode.a_b({}); return codemode.resume("${ID}") }`,
])('other code is run: %s', code => {
  expect(resumedIn(code)).toBeUndefined();
});

it('takes no time for code that is nothing but blanks', () => {
  const started = Date.now();
  expect(resumedIn(`${' '.repeat(60_000)}x`)).toBeUndefined();
  expect(Date.now() - started).toBeLessThan(1_000);
});
