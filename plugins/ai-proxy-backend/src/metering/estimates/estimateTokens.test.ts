import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { estimateTokens } from './estimateTokens';
import { TextEstimate } from './TextEstimate';

const ROOT = path.join(__dirname, '../../../../..');

/** Texts of a length, evenly from all over a longer one. */
function samples(text: string, length: number, number = 12): string[] {
  const step = Math.max(length, Math.floor(text.length / number));
  return Array.from({ length: number }, (_, index) =>
    text.slice(index * step, index * step + length),
  ).filter(sample => sample.length === length);
}

function filesIn(folder: string, ending: string): string {
  return readdirSync(path.join(ROOT, folder), { recursive: true })
    .map(String)
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => readFileSync(path.join(ROOT, folder, name), 'utf8'))
    .join('\n');
}

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

// What the compiler says, in the languages that it speaks.
function compilerMessages(language: string): string {
  const file = path.join(
    path.dirname(require.resolve('typescript/package.json')),
    'lib',
    language,
    'diagnosticMessages.generated.json',
  );
  return Object.values(JSON.parse(readFileSync(file, 'utf8'))).join('\n');
}

// Names of places, languages and currencies: running text there is none of.
function names(language: string): string {
  const letters = Array.from({ length: 26 }, (_, index) => index + 65);
  const pairs = letters.flatMap(one =>
    letters.map(other => String.fromCharCode(one, other)),
  );
  const words = (['region', 'language', 'currency'] as const).flatMap(type => {
    const display = new Intl.DisplayNames([language], { type });
    const codes =
      type === 'currency' ? Intl.supportedValuesOf('currency') : pairs;
    return codes
      .map(code => display.of(type === 'language' ? code.toLowerCase() : code)!)
      .filter(
        (name, index) => name.toLowerCase() !== codes[index].toLowerCase(),
      );
  });
  return words.join(', ').replace(/, ([^,]*), ([^,]*), /g, ', $1 $2. ');
}

const digests = (number: number) =>
  Buffer.concat(
    Array.from({ length: number }, (_, index) =>
      createHash('sha512').update(`${index}`).digest(),
    ),
  );

const code = filesIn('plugins/mcp-portal-backend/src', '.ts');
const prose = filesIn('docs', '.md');

const KINDS: Array<
  [kind: string, texts: string[], least: number, most: number]
> = [
  ['documentation', samples(prose, 4_000), 0.9, 1.45],
  ['shouting', samples(prose.toUpperCase(), 4_000), 0.9, 1.45],
  ['code', samples(code, 4_000, 30), 0.9, 1.45],
  ['code in JSON', samples(JSON.stringify(code), 4_000), 0.9, 1.45],
  [
    'JSON',
    samples(
      JSON.stringify(JSON.parse(read('package.json'))) +
        read('package.json') +
        read('tsconfig.json'),
      1_500,
      5,
    ),
    0.9,
    1.45,
  ],
  ['a lock file', samples(read('yarn.lock'), 4_000), 0.9, 1.45],
  ['YAML', samples(filesIn('examples', '.yaml'), 4_000), 0.9, 1.45],
  ['base64', samples(digests(800).toString('base64'), 4_000), 0.9, 1.45],
  ['digests', samples(digests(400).toString('hex'), 4_000), 0.9, 1.45],
  [
    'numbers',
    samples(
      Array.from(digests(80), (byte, index) =>
        (byte * 1_234.567).toFixed(index % 5),
      ).join(', '),
      4_000,
    ),
    0.9,
    1.45,
  ],
  ['Chinese', samples(compilerMessages('zh-cn'), 3_000), 0.9, 1.45],
  [
    'Chinese, traditional',
    samples(compilerMessages('zh-tw'), 3_000),
    0.9,
    1.45,
  ],
  ['Japanese', samples(compilerMessages('ja'), 3_000), 0.9, 1.45],
  ['Korean', samples(compilerMessages('ko'), 3_000), 0.9, 1.45],
  ...['de', 'fr', 'es', 'it', 'pl', 'cs', 'tr', 'pt-br'].map(
    (language): [string, string[], number, number] => [
      `the language ${language}`,
      samples(compilerMessages(language), 3_000),
      0.9,
      1.45,
    ],
  ),
  ['Russian', samples(compilerMessages('ru'), 3_000), 0.8, 1.6],
  ...[
    'ar',
    'he',
    'fa',
    'hi',
    'bn',
    'ta',
    'th',
    'el',
    'vi',
    'uk',
    'hy',
    'am',
    'km',
  ].map((language): [string, string[], number, number] => [
    `the language ${language}`,
    samples(names(language), 1_500),
    0.8,
    1.6,
  ]),
  ['Georgian', samples(names('ka'), 1_500), 0.8, 2.3],
];

describe('estimateTokens', () => {
  it.each(KINDS)('keeps its bound for %s', (_, texts, least, most) => {
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) {
      const ratio = estimateTokens(text) / countTokens(text);

      expect(ratio).toBeGreaterThanOrEqual(least);
      expect(ratio).toBeLessThanOrEqual(most);
    }
  });

  it('mostly estimates too much: in at least 95 of 100 texts', () => {
    const texts = KINDS.flatMap(([, some]) => some);
    const enough = texts.filter(
      text => estimateTokens(text) >= countTokens(text),
    );

    expect(enough.length / texts.length).toBeGreaterThan(0.95);
  });

  it('estimates a text and its bytes alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(estimateTokens(Buffer.from(text))).toBe(estimateTokens(text));
      }),
    );
  });

  it('estimates JSON as the text that it stands for, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.nat(),
        (text, asciiOnly, place) => {
          const json = JSON.stringify(text).slice(1, -1);
          const bytes = Buffer.from(
            asciiOnly
              ? json.replace(
                  /[\u0080-\uffff]/g,
                  unit =>
                    `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
                )
              : json,
          );
          const plain = new TextEstimate();
          plain.addText(text);
          const pieces = new TextEstimate();
          const cut = place % (bytes.length + 1);
          pieces.addJson(bytes, 0, cut);
          pieces.addJson(bytes, cut, bytes.length);

          expect(pieces.tokens).toBe(plain.tokens);
        },
      ),
    );
  });

  it('counts no tokens of nothing, and at least one of anything', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens(' ')).toBe(1);
    expect(estimateTokens(Buffer.from([0x80]))).toBe(1);
  });

  it('reads texts that are longer than its buffer', () => {
    const text = 'Was wir wissen – 知っていること. '.repeat(10_000);

    expect(estimateTokens(text)).toBe(estimateTokens(Buffer.from(text)));
  });
});
