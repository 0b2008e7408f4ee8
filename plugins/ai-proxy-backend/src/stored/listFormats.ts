import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import { RefusedError, StoredKind } from '../wire';

/** One object, as its provider describes it. */
export interface ListedObject {
  id: string;
  /** JSON. */
  json: Buffer;
}

/** Which page a client asks for. */
export interface ListQuery {
  limit: number;
  order: 'newest' | 'oldest';
  cursor?: { direction: 'after' | 'before'; id: string };
  /** Of files, in OpenAI's API. */
  purpose?: string;
}

/** Fewer than the providers' own most; clients see that there is more. Each object is asked for by itself. */
const MAX_LIMIT = 100;

/** How many each API gives when nobody says how many. */
const DEFAULT_LIMIT: Record<ApiName, number> = {
  anthropic: 20,
  openai: 20,
  'google-ai-studio': 10,
  compat: 20,
};

/** Names of lists in Gemini's API. */
const GOOGLE_LISTS: Partial<Record<StoredKind, string>> = {
  file: 'files',
  cache: 'cachedContents',
};

/**
 * Reads the query of a list. What it does not know is ignored.
 *
 * @throws RefusedError when a value cannot be used
 */
export function readListQuery(api: ApiName, query: string): ListQuery {
  const parameters = new URLSearchParams(query);
  const cursorOf = (
    direction: 'after' | 'before',
    name: string,
  ): ListQuery['cursor'] => {
    const id = parameters.get(name);
    return id ? { direction, id } : undefined;
  };
  switch (api) {
    case 'anthropic':
      return {
        limit: limitOf(parameters, 'limit', api),
        order: 'newest',
        cursor:
          cursorOf('after', 'after_id') ?? cursorOf('before', 'before_id'),
      };
    case 'google-ai-studio':
      return {
        limit: limitOf(parameters, 'pageSize', api),
        order: 'newest',
        cursor: cursorOf('after', 'pageToken'),
      };
    default:
      return {
        limit: limitOf(parameters, 'limit', api),
        order: parameters.get('order') === 'asc' ? 'oldest' : 'newest',
        cursor: cursorOf('after', 'after'),
        purpose: parameters.get('purpose') ?? undefined,
      };
  }
}

function limitOf(
  parameters: URLSearchParams,
  name: string,
  api: ApiName,
): number {
  const text = parameters.get(name);
  if (text === null || text === '') {
    return DEFAULT_LIMIT[api];
  }
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new RefusedError({
      status: 400,
      reason: 'limit',
      message: `"${name}" is "${text.slice(
        0,
        64,
      )}"; expected a whole number of at least 1`,
    });
  }
  return Math.min(limit, MAX_LIMIT);
}

/** Writes a page as the API does; the objects in it stay as the provider wrote them. */
export function writeList(
  api: ApiName,
  kind: StoredKind,
  { objects, hasMore }: { objects: ListedObject[]; hasMore: boolean },
): Buffer {
  const items = joined(objects.map(({ json }) => json));
  const firstId = JSON.stringify(objects[0]?.id ?? null);
  const lastId = JSON.stringify(objects.at(-1)?.id ?? null);
  switch (api) {
    case 'google-ai-studio':
      return Buffer.concat([
        Buffer.from(`{"${GOOGLE_LISTS[kind] ?? 'items'}":[`),
        items,
        Buffer.from(hasMore ? `],"nextPageToken":${lastId}}` : ']}'),
      ]);
    case 'anthropic':
      return Buffer.concat([
        Buffer.from('{"data":['),
        items,
        Buffer.from(
          `],"has_more":${hasMore},"first_id":${firstId},"last_id":${lastId}}`,
        ),
      ]);
    default:
      return Buffer.concat([
        Buffer.from('{"object":"list","data":['),
        items,
        Buffer.from(
          `],"first_id":${firstId},"last_id":${lastId},"has_more":${hasMore}}`,
        ),
      ]);
  }
}

function joined(items: Buffer[]): Buffer {
  return Buffer.concat(
    items.flatMap((item, index) =>
      index === 0 ? [item] : [Buffer.from(','), item],
    ),
  );
}
