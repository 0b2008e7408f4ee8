import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as codeModeModule from '../index';
import { DEFAULT_LIMITS } from '../index';

describe('README', () => {
  const text = readFileSync(join(__dirname, '../../README.md'), 'utf8');

  it('has an example that works', async () => {
    const [, example] = /```js\nimport .*\n([^]*?)```/.exec(text) ?? [];
    const printed: unknown[] = [];
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    await AsyncFunction(
      'createCodeMode',
      'console',
      example,
    )(codeModeModule.createCodeMode, {
      log: (...values: unknown[]) => printed.push(...values),
    });
    expect(printed).toMatchObject([
      'ok',
      6,
      [{ number: 1, tool: 'math_add', outcome: 'ok' }],
    ]);
  });

  it('names every limit', () => {
    for (const name of Object.keys(DEFAULT_LIMITS)) {
      expect(text).toContain(`| \`${name}\``);
    }
  });
});
