import fc from 'fast-check';
import { matchesPattern, namePatternOf } from './namePattern';

it('fits names as like does', () => {
  const character = fc.constantFrom('a', 'b', '.');
  const pattern = fc.array(
    fc.oneof(
      fc.constant('Wildcard' as const),
      fc
        .string({ unit: character, maxLength: 2 })
        .map(Literal => ({ Literal })),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: character, maxLength: 8 }),
      (elements, name) => {
        const expression = elements
          .map(element =>
            element === 'Wildcard'
              ? '.*'
              : element.Literal.replaceAll('.', '\\.'),
          )
          .join('');
        expect(matchesPattern(name, namePatternOf(elements))).toBe(
          new RegExp(`^${expression}$`).test(name),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});
