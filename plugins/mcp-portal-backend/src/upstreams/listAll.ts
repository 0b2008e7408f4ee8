import type { Result } from '@modelcontextprotocol/client';

/** How much of a list is read. */
export interface ListBounds {
  maxItems: number;
  /** Of all items, as JSON. */
  maxBytes: number;
  /** Pages may be empty, and never end. */
  maxPages: number;
}

/**
 * Reads a list of a server, page after page.
 *
 * @param ask - for a page
 * @param key - under which a page has its items
 * @returns the items, and whether these are all; never more than the bounds allow
 * @throws Error when a page has no list
 */
export async function listAll(
  ask: (params: Record<string, unknown>) => Promise<Result>,
  key: string,
  bounds: ListBounds,
): Promise<{ items: object[]; isComplete: boolean }> {
  const items: object[] = [];
  let bytes = 0;
  let cursor: unknown;
  for (let page = 0; page < bounds.maxPages; page++) {
    const answer = await ask(cursor === undefined ? {} : { cursor });
    const found = answer[key];
    if (!Array.isArray(found)) {
      throw new Error(`The answer has no list "${key}"`);
    }
    bytes += Buffer.byteLength(JSON.stringify(found));
    if (
      bytes > bounds.maxBytes ||
      items.length + found.length > bounds.maxItems
    ) {
      return { items, isComplete: false };
    }
    items.push(...found);
    cursor = answer.nextCursor;
    if (typeof cursor !== 'string') {
      return { items, isComplete: true };
    }
  }
  return { items, isComplete: false };
}
