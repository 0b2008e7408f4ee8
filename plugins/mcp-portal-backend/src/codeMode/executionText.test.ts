import type { Execution } from '@prompt-corner/code-mode';
import { endedText, failedText, resumedIn, resumption } from './executionText';

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

describe('a model is told', () => {
  const call = (number: number, outcome: 'ok' | 'abandoned') => ({
    number,
    tool: 'a_b',
    ms: 1,
    outcome,
  });

  it('which calls its code has not waited for', () => {
    const execution: Execution = {
      outcome: 'ok',
      text: '1',
      calls: [call(1, 'ok'), call(2, 'abandoned')],
      logs: [],
      recording: { seed: [], dates: [], turns: [] },
      durationMs: 1,
      cpuMs: 1,
    };
    expect(endedText(execution).content).toEqual([
      { type: 'text', text: '1' },
      {
        type: 'text',
        text: expect.stringMatching(/await them:\n2\. a_b: no answer yet/),
      },
    ]);
  });

  it('which calls were made before something failed', () => {
    const { content, isError } = failedText('No', [call(1, 'ok')]);
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain('1. a_b: ok');
  });
});
