import fc from 'fast-check';
import { compileFields, FieldTree, JsonFields, MAX_HELD_BYTES } from '.';

const FIELDS: FieldTree = {
  a: { keep: 'a' },
  b: { a: { keep: 'ba' }, b: { text: 0 }, é: { keep: 'bé' } },
  c: { text: 1 },
};

interface Found {
  kept: Array<[name: string, value: unknown]>;
  texts: string[];
}

/** What a reader finds in pieces. */
function find(pieces: Buffer[], fields = FIELDS): Found {
  const found: Found = { kept: [], texts: ['', ''] };
  const reader = new JsonFields(compileFields(fields), {
    kept: (name, value) => found.kept.push([name, value]),
    text: (slot, bytes, from, to) => {
      // Read byte by byte, because characters may be cut.
      found.texts[slot] += Buffer.from(bytes.subarray(from, to)).toString(
        'latin1',
      );
    },
  });
  pieces.forEach(piece => reader.feed(piece));
  return found;
}

const findIn = (json: string, fields = FIELDS) =>
  find([Buffer.from(json)], fields);

/** The same, by parsing everything first. */
function expected(value: unknown, tree: FieldTree, found: Found): Found {
  for (const item of Array.isArray(value) ? value : [value]) {
    if (Array.isArray(item)) {
      expected(item, tree, found);
    } else if (typeof item === 'object' && item !== null) {
      for (const [key, field] of Object.entries(item)) {
        const branch = Object.hasOwn(tree, key)
          ? (tree[key] as { keep?: unknown; text?: unknown })
          : {};
        if (typeof branch.keep === 'string' && field !== null) {
          found.kept.push([branch.keep, field]);
        } else if (typeof branch.text === 'number') {
          found.texts[branch.text] += textOf(field);
        } else if (typeof branch.keep !== 'string') {
          expected(field, branch as FieldTree, found);
        }
      }
    }
  }
  return found;
}

function textOf(value: unknown): string {
  const json = Buffer.from(JSON.stringify(value)).toString('latin1');
  if (typeof value === 'string') {
    return json.slice(1, -1);
  }
  return typeof value === 'object' && value !== null ? json : '';
}

const document = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      null,
      true,
      -1.5e-7,
      '"',
      '\\',
      '\\"',
      '}',
      'a'.repeat(100),
      '\\'.repeat(99),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'é', '"a"', 'a\\', 'x'.repeat(80)),
    tie('value'),
    { maxKeys: 5 },
  ),
})).object;

describe('JsonFields', () => {
  it('finds what parsing everything finds, wherever the document is cut', () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.nat(4),
        (value, places, indent) => {
          const bytes = Buffer.from(JSON.stringify(value, null, indent));
          const ends = [
            ...places.map(place => place % (bytes.length + 1)),
            bytes.length,
          ].sort((one, other) => one - other);
          const pieces = ends.map((end, index) =>
            bytes.subarray(ends[index - 1] ?? 0, end),
          );
          const want = expected(value, FIELDS, { kept: [], texts: ['', ''] });

          // Text that is an object keeps its white space; compare without.
          const got = find(pieces);
          expect(got.kept).toEqual(want.kept);
          expect(got.texts.map(compact)).toEqual(want.texts.map(compact));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('reads documents that follow each other', () => {
    expect(findIn('{"a":1}{"a":2}\n[{"a":3},{"a":4}] {"a":5}').kept).toEqual(
      [1, 2, 3, 4, 5].map(value => ['a', value]),
    );
  });

  it('keeps the first value only where it is asked to', () => {
    const fields: FieldTree = { a: { keep: 'a', once: true } };

    expect(findIn('{"a":null}{"a":1}{"a":2}', fields).kept).toEqual([['a', 1]]);
  });

  it('drops a value that is too large, and goes on', () => {
    const fits = 'x'.repeat(MAX_HELD_BYTES - 2);
    const json = (value: string) =>
      Buffer.from(`{"a":["${value}"],"b":{"a":1}}`);
    const bytes = (buffer: Buffer) =>
      Array.from(buffer, byte => Buffer.from([byte]));

    for (const pieces of [[json(fits)], bytes(json(fits))]) {
      expect(find(pieces).kept).toEqual([['ba', 1]]);
    }
    const smaller = json(fits.slice(2));
    for (const pieces of [[smaller], bytes(smaller)]) {
      expect(find(pieces).kept).toHaveLength(2);
    }
  });

  it('is unfinished until the document is closed', () => {
    const reader = new JsonFields(compileFields(FIELDS), {
      kept() {},
      text() {},
    });
    expect(reader.unfinished).toBe(false);
    for (const piece of ['{"a":', '1,"d":[{"x', '":"]}"}]']) {
      reader.feed(Buffer.from(piece));
      expect(reader.unfinished).toBe(true);
    }
    reader.feed(Buffer.from('}'));
    expect(reader.unfinished).toBe(false);
  });
});

function compact(text: string): string {
  return text.replace(/\s/g, '');
}
