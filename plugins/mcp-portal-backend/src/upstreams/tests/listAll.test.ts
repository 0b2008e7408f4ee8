import type { Result } from '@modelcontextprotocol/client';
import { listAll } from '../listAll';

const BOUNDS = { maxItems: 5, maxBytes: 1_000, maxPages: 4 };

/** A server with these pages; undefined is one that never ends. */
function asking(pages: Array<unknown[] | undefined>) {
  const cursors: unknown[] = [];
  const ask = async ({ cursor }: Record<string, unknown>) => {
    cursors.push(cursor);
    const page = cursors.length - 1;
    const items = page in pages ? pages[page] : [];
    const isLast = page === pages.length - 1 && items !== undefined;
    return {
      things: items ?? [],
      ...(!isLast && { nextCursor: `after ${page}` }),
    } as unknown as Result;
  };
  return { cursors, list: () => listAll(ask, 'things', BOUNDS) };
}

it('reads one page after the other', async () => {
  const { cursors, list } = asking([[{ a: 1 }, { a: 2 }], [], [{ a: 3 }]]);
  expect(await list()).toEqual({
    items: [{ a: 1 }, { a: 2 }, { a: 3 }],
    isComplete: true,
  });
  expect(cursors).toEqual([undefined, 'after 0', 'after 1']);
});

it.each([
  ['items', [[1, 2, 3], [4, 5, 6], [7]], 3, 2],
  ['bytes', [['x'], ['y'.repeat(2_000)], ['z']], 1, 2],
  ['pages', [['x'], undefined], 1, 4],
])(
  'says when there are too many %s, and asks for no more',
  async (_, pages, items, asked) => {
    const { cursors, list } = asking(pages);
    const found = await list();
    expect(found.isComplete).toBe(false);
    expect(found.items).toHaveLength(items);
    expect(cursors).toHaveLength(asked);
  },
);

it('takes nothing else for a list', async () => {
  const ask = async () => ({ things: 'none' } as unknown as Result);
  await expect(listAll(ask, 'things', BOUNDS)).rejects.toThrow(
    'has no list "things"',
  );
});
