import fc from 'fast-check';
import { AnchorScanner } from './AnchorScanner';
import { decodeText, isText } from './decode';
import { createTextView, originalSpan } from './TextView';
import { unitsOf } from './units';

describe('AnchorScanner', () => {
  it('finds every occurrence of every literal, also overlapping ones, in any case', () => {
    const word = fc.stringMatching(/^[abАл指]{1,4}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
        fc.stringMatching(/^[abABАлЛ指x]{0,40}$/),
        (anchors, text) => {
          const hits: string[] = [];
          new AnchorScanner(anchors).scan(
            unitsOf(text),
            text.length,
            (anchor, end) => hits.push(`${anchor} ${end}`),
          );
          const lower = text.toLowerCase();
          const expected = anchors.flatMap((anchor, index) =>
            [...lower].flatMap((_, start) =>
              lower.startsWith(anchor.toLowerCase(), start)
                ? [`${index} ${start + anchor.length}`]
                : [],
            ),
          );
          expect(hits.sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('unitsOf', () => {
  it('reads every unit of a text, whatever was read before, and ends with 0', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map(text => text.repeat(20_000).slice(0, 70_000)),
    );
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), texts => {
        for (const text of texts) {
          const units = unitsOf(text);
          const read = Array.from(units.subarray(0, text.length));
          expect(String.fromCharCode(...read)).toBe(text);
          expect(units[text.length]).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('createTextView', () => {
  it.each([
    ['ＩＧＮＯＲＥ', 'IGNORE'],
    ['𝐢𝐠𝐧𝐨𝐫𝐞', 'ignore'],
    ['ⓘⓖⓝⓞⓡⓔ', 'ignore'],
    ['ignоrе', 'ignore'],
    ['i\u200bg\u00adn\ufeffore', 'ignore'],
    ['ïgnórë', 'ignore'],
    ['i\u0301gnore', 'ignore'],
    ['&#105;gnore&nbsp;it', 'ignore it'],
    ['\\u0069gnore\\nit', 'ignore\nit'],
    ['ig\u{e0061}nore', 'ignore'],
    ['😀 忽略 игра', '😀 忽略 игpa'],
  ])('reads %p as %p', (original, folded) => {
    expect(createTextView(original).text).toBe(folded);
  });

  it('leads every span back to the original', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), prefix => {
        const view = createTextView(`${prefix}\u200b k\u200be\\u0079 é`);
        const start = view.text.lastIndexOf('key');
        const [from, to] = originalSpan(view, start, start + 3);
        expect(view.original.slice(from, to)).toBe('k\u200be\\u0079');
        const [first, last] = originalSpan(view, 0, view.text.length);
        expect(view.original.slice(last)).toBe('');
        expect(first).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('decodeText', () => {
  it('reads text in base64, base64url and hexadecimal form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z ]{30,80}$/), text => {
        const bytes = Buffer.from(`Key ${text} é`);
        expect(decodeText(bytes.toString('hex'))).toBe(bytes.toString());
        expect(decodeText(bytes.toString('base64'))).toBe(bytes.toString());
        expect(decodeText(bytes.toString('base64url'))).toBe(bytes.toString());
      }),
    );
  });

  it('takes the beginning of a text for text, wherever it was cut off', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀') }),
        fc.nat(),
        (text, cut) => {
          const bytes = Buffer.from(text);
          expect(isText(bytes.subarray(0, cut % (bytes.length + 1)))).toBe(
            true,
          );
        },
      ),
    );
    expect(isText(Buffer.from('😀').subarray(1))).toBe(false);
    expect(isText(Buffer.from([0x61, 0xe0, 0x80]))).toBe(false);
    expect(isText(Buffer.from([0xff, 0x61, 0xc3]))).toBe(false);
  });

  it('reads no bytes that are not text', () => {
    const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(decodeText(image.toString('base64').repeat(4))).toBeUndefined();
    expect(decodeText('packages/backend/src/plugins')).toBeUndefined();
  });
});
