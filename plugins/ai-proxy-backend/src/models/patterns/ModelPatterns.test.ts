import fc from 'fast-check';
import { ModelPatterns } from './ModelPatterns';

const patterns = (...list: string[]) => new ModelPatterns(list, 'test');

describe('patterns for models', () => {
  it.each([
    ['anthropic/claude-*', 'anthropic', 'claude-opus-5', true],
    ['anthropic/claude-*', 'anthropic', 'claude-', true],
    ['anthropic/claude-*', 'bedrock', 'claude-opus-5', false],
    ['anthropic/*', 'anthropic', 'claude-opus-5', true],
    ['*/claude-*', 'bedrock', 'claude-opus-5', true],
    ['claude-*', 'bedrock', 'claude-opus-5', true],
    ['*-opus-*', 'anthropic', 'claude-opus-5', true],
    ['*opus', 'anthropic', 'claude-opus-5', false],
    ['Anthropic/Claude-Opus-5', 'anthropic', 'CLAUDE-opus-5', true],
    ['gpt-5', 'openai', 'gpt-5.4', false],
    ['gpt-5.4', 'openai', 'gpt-5x4', false],
    ['gpt-*', 'openrouter', 'openai/gpt-5', false],
    ['openrouter/*', 'openrouter', 'openai/gpt-5', false],
    ['openrouter/*/*', 'openrouter', 'openai/gpt-5', true],
    ['openrouter/**', 'openrouter', 'openai/gpt-5', true],
    ['openrouter/**', 'openrouter', 'auto', true],
    ['openai/gpt-*', 'openrouter', 'openai/gpt-5', false],
  ])('%s for %s/%s: %s', (pattern, provider, id, expected) => {
    expect(patterns(pattern).matches(provider, id)).toBe(expected);
  });

  it('match when one of them does, and never without any', () => {
    expect(patterns('a/b', 'c/*').matches('c', 'd')).toBe(true);
    expect(patterns().matches('c', 'd')).toBe(false);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '**',
    'a/**/b',
    'a/b**',
    'a b',
    'x'.repeat(301),
  ])('are refused, by their key, when they are "%s"', pattern => {
    expect(
      () => new ModelPatterns(['fine', pattern], 'aiProxy.models.deny'),
    ).toThrow(/aiProxy\.models\.deny\[1\] is/);
  });

  it('mean what a regular expression would', () => {
    const letters = fc.constantFrom('a', 'b', '-', '.', '*');
    const text = fc.array(letters, { maxLength: 8 }).map(all => all.join(''));
    fc.assert(
      fc.property(text, text, (pattern, id) => {
        fc.pre(pattern !== '' && !pattern.includes('**'));
        const expression = new RegExp(
          `^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`,
        );
        expect(patterns(pattern).matches('p', id)).toBe(expression.test(id));
      }),
    );
  });

  it('take little time on ids that are made to take long', () => {
    const slow = patterns(`p/${'*a'.repeat(100)}b`);
    const before = performance.now();
    expect(slow.matches('p', 'a'.repeat(10_000))).toBe(false);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
