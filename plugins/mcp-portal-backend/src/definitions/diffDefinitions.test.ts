import fc from 'fast-check';
import { diffDefinitions } from './diffDefinitions';
import { suggestedClass } from './suggestedClass';

describe('the difference of two definitions', () => {
  it('names each place, and shows what a person would not see', () => {
    const before = {
      name: 'add',
      description: 'Adds two numbers and returns the sum of them',
      inputSchema: {
        properties: { a: { type: 'number' }, 'x/y~z': { type: 'number' } },
        required: ['a', 'b'],
      },
      annotations: { readOnlyHint: true },
    };
    const after = {
      inputSchema: {
        required: ['sidenote', 'a', 'b'],
        properties: { a: { type: 'string' }, sidenote: { type: 'string' } },
      },
      name: 'add',
      description:
        'Adds two numbers and\u200b secretly\u{e0041} returns the sum of them',
      annotations: { readOnlyHint: true },
    };
    expect(diffDefinitions(before, after)).toEqual({
      more: 0,
      changes: [
        {
          path: '/description',
          kind: 'changed',
          before: 'Adds two numbers and returns the sum of them',
          after:
            'Adds two numbers and⟨U+200B⟩ secretly⟨U+E0041⟩ returns the sum of them',
          text: expect.arrayContaining([
            { kind: 'same', text: expect.stringContaining('Adds two numbers') },
            { kind: 'added', text: expect.stringContaining('secretly') },
          ]),
        },
        {
          path: '/inputSchema/properties/a/type',
          kind: 'changed',
          before: 'number',
          after: 'string',
        },
        {
          path: '/inputSchema/properties/sidenote',
          kind: 'added',
          after: '{\n  "type": "string"\n}',
        },
        {
          path: '/inputSchema/properties/x~1y~0z',
          kind: 'removed',
          before: '{\n  "type": "number"\n}',
        },
        { path: '/inputSchema/required/0', kind: 'added', after: 'sidenote' },
      ],
    });
  });

  it('is empty exactly for definitions that are the same', () => {
    const definitions = fc.dictionary(
      fc.string(),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        expect(
          diffDefinitions(before, structuredClone(before)).changes,
        ).toEqual([]);
        const { changes } = diffDefinitions(before, after);
        const text = (value: object) =>
          JSON.stringify(value, (_key, item) =>
            item && typeof item === 'object' && !Array.isArray(item)
              ? Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))
              : item,
          );
        expect(changes.length === 0).toBe(text(before) === text(after));
      }),
    );
  });

  it('pairs what was replaced in a list, and does not take a move of everything for a change of everything', () => {
    const before = { enum: [{ a: 1 }, 'x', 'y', 'z', 'gone'] };
    const after = { enum: ['new', { a: 2 }, 'x', 'y', 'z'] };
    expect(
      diffDefinitions(before, after).changes.map(({ path, kind }) => [
        kind,
        path,
      ]),
    ).toEqual([
      ['changed', '/enum/0'],
      ['added', '/enum/1'],
      ['removed', '/enum/4'],
    ]);
  });

  it('of hostile definitions comes soon, and says how much it left out', () => {
    const list = (offset: number) =>
      Array.from({ length: 20_000 }, (_item, index) => index + offset);
    const startedAt = performance.now();
    const lists = diffDefinitions({ a: list(0) }, { a: list(1_000_000) });
    expect(lists.changes).toHaveLength(500);
    expect(lists.more).toBe(19_500);
    const words = (word: string) =>
      Array.from({ length: 12_000 }, (_item, index) => word + index).join(' ');
    const texts = diffDefinitions({ a: words('a') }, { a: words('b') });
    expect(texts.changes[0].text).toBeUndefined();
    // Without the bounds it takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('the suggested class', () => {
  it.each([
    [{ readOnlyHint: true }, 'read'],
    [{ readOnlyHint: false }, 'write'],
    [{ destructiveHint: true }, 'destructive'],
    [{ readOnlyHint: true, destructiveHint: true }, 'destructive'],
    [{ readOnlyHint: 'true' }, 'write'],
    [{}, 'write'],
    [undefined, 'write'],
    [null, 'write'],
    ['x', 'write'],
  ])('for annotations %j is %s', (annotations, expected) => {
    expect(suggestedClass({ name: 'x', annotations })).toBe(expected);
  });
});
