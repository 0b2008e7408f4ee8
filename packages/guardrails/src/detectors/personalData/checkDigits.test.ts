import fc from 'fast-check';
import { isLuhn, isMod11_10, isVerhoeff, modulo97 } from './checkDigits';

describe('check digits', () => {
  // Numbers that the standards and authorities give as examples.
  const examples: [string, (digits: string) => boolean, string][] = [
    ['Luhn', isLuhn, '4111111111111111'],
    ['MOD 11,10', isMod11_10, '86095742719'],
    ['Verhoeff', isVerhoeff, '2363'],
    [
      'MOD 97-10',
      digits => modulo97(digits) === 1,
      '3214282912345698765432161182',
    ],
  ];

  it.each(examples)(
    '%s takes its example, and no other last digit',
    (_, isValid, example) => {
      expect(isValid(example)).toBe(true);
      const others = [...'0123456789']
        .map(digit => example.slice(0, -1) + digit)
        .filter(number => number !== example);
      expect(others.filter(isValid)).toEqual([]);
    },
  );

  it.each(examples)(
    '%s notices any single wrong digit',
    (_, isValid, example) => {
      fc.assert(
        fc.property(
          fc.nat(example.length - 1),
          fc.integer({ min: 1, max: 9 }),
          (index, change) => {
            const digit = (Number(example[index]) + change) % 10;
            const wrong =
              example.slice(0, index) + digit + example.slice(index + 1);
            expect(isValid(wrong)).toBe(false);
          },
        ),
      );
    },
  );
});
