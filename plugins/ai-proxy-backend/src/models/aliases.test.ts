import { readAliases } from './aliases';

const read = (aliases: Record<string, string>) =>
  readAliases(aliases, ['anthropic', 'openrouter'], 'aiProxy.models.aliases');

describe('aliases', () => {
  it('lead to models, also through each other', () => {
    expect(
      read({
        default: 'big',
        big: 'anthropic/claude-opus-5',
        open: 'openrouter/openai/gpt-oss-120b',
      }),
    ).toEqual([
      { name: 'default', provider: 'anthropic', id: 'claude-opus-5' },
      { name: 'big', provider: 'anthropic', id: 'claude-opus-5' },
      { name: 'open', provider: 'openrouter', id: 'openai/gpt-oss-120b' },
    ]);
  });

  it.each([
    ['circle', { a: 'b', b: 'c', c: 'a' }, /go in a circle: a → b → c → a/],
    ['circle later on', { a: 'b', b: 'b' }, /go in a circle: a → b → b/],
    [
      'unknown provider',
      { a: 'openai/gpt-5' },
      /aliases\.a leads to "openai\/gpt-5".*anthropic\/…/,
    ],
    ['unknown alias', { a: 'b' }, /aliases\.a leads to "b"/],
    ['no model', { a: 'anthropic/' }, /aliases\.a leads to "anthropic\/"/],
    [
      'a name with a slash',
      { 'a/b': 'anthropic/x' },
      /"a\/b" cannot be an alias/,
    ],
    [
      'a name that objects have',
      { a: 'constructor' },
      /leads to "constructor"/,
    ],
  ])('are refused with a %s', (_, aliases, message) => {
    expect(() => read(aliases as Record<string, string>)).toThrow(message);
  });
});
