import fc from 'fast-check';
import { globs } from './glob';

describe('globs', () => {
  it.each([
    ['gpt-*', 'gpt-5.2', true],
    ['gpt-*', 'my-gpt-5', false],
    ['*-mini', 'gpt-5-mini', true],
    ['*-mini', 'gpt-5-minimal', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-c', true],
    ['a*bc*c', 'abc', false],
    ['*', '', true],
    ['**', 'anything\nat all', true],
    ['gpt-5.2', 'gpt-5x2', false],
  ])('%s and %s: %s', (pattern, name, matches) => {
    expect(globs([pattern])(name)).toBe(matches);
  });

  it('agrees with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*') });
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: fc.constantFrom('a', 'b') }),
        (pattern, name) => {
          const expected = new RegExp(
            `^${pattern.replace(/\*+/g, '.*')}$`,
          ).test(name);
          expect(globs([pattern])(name)).toBe(expected);
        },
      ),
    );
  });

  it('is quick, whatever the name', () => {
    const matches = globs(['*-*-*-*-*-*-*-*-preview']);
    const started = performance.now();
    expect(matches('-'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
