import { jsonDepth } from './jsonDepth';

/** A consumer that recurses must not fail on a result that a snippet nested on purpose. */
export const MAX_JSON_DEPTH = 64;

const SHORTEST_STRING = 40;

export interface TruncatedJson {
  json: string;
  /** Length of the whole JSON text in characters, if something was cut off. */
  cut?: number;
}

/**
 * Shortens a JSON text so that it stays valid, and says within it what was cut.
 *
 * Long arrays lose their end, long strings theirs, objects their last
 * properties; everything at the same scale, until the text fits.
 *
 * @param json - valid JSON.
 * @param maxCharacters - at least 200.
 */
export function truncateJson(
  json: string,
  maxCharacters: number,
): TruncatedJson {
  if (json.length <= maxCharacters && jsonDepth(json) <= MAX_JSON_DEPTH) {
    return { json };
  }
  const value: unknown = JSON.parse(json);
  let budget = maxCharacters;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const shortened = JSON.stringify(shorten(value, budget, 0));
    if (shortened.length <= maxCharacters) {
      return { json: shortened, cut: json.length };
    }
    budget = Math.floor(
      budget * Math.min(0.9, (maxCharacters / shortened.length) * 0.95),
    );
  }
  return {
    json: JSON.stringify(`[cut: ${json.length} characters of JSON]`),
    cut: json.length,
  };
}

/** @param budget - characters that the value may take, roughly. */
function shorten(value: unknown, budget: number, depth: number): unknown {
  if (typeof value === 'string') {
    return shortenString(value, budget);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (depth >= MAX_JSON_DEPTH - 1) {
    return '[cut: nested too deep]';
  }
  return Array.isArray(value)
    ? shortenArray(value, budget, depth)
    : shortenObject(value as Record<string, unknown>, budget, depth);
}

function shortenString(text: string, budget: number): string {
  const room = Math.max(SHORTEST_STRING, budget);
  if (text.length <= room) {
    return text;
  }
  const kept = text.slice(0, Math.max(0, room - SHORTEST_STRING));
  return `${kept}… [cut: ${text.length - kept.length} of ${
    text.length
  } characters]`;
}

function shortenArray(
  items: unknown[],
  budget: number,
  depth: number,
): unknown[] {
  const kept: unknown[] = [];
  let left = budget - 30;
  for (const item of items) {
    const rest = items.length - kept.length;
    // An item may take its share, or half of what is left: few long items are kept rather than none.
    const shortened = shorten(item, Math.max(left / rest, left / 2), depth + 1);
    left -= JSON.stringify(shortened).length + 1;
    if (left < 0 && kept.length > 0) {
      return [...kept, `[cut: ${rest} of ${items.length} items]`];
    }
    kept.push(shortened);
  }
  return kept;
}

function shortenObject(
  object: Record<string, unknown>,
  budget: number,
  depth: number,
): Record<string, unknown> {
  const entries = Object.entries(object);
  const kept: [string, unknown][] = [];
  let left = budget - 30;
  // What is small is kept before what is large takes the room.
  const sizes = new Map(entries.map(([key, item]) => [key, sizeOf(item)]));
  const bySize = [...entries].sort(
    ([a], [b]) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0),
  );
  const shortenedByKey = new Map<string, unknown>();
  bySize.forEach(([key, item], index) => {
    const share = left / (bySize.length - index);
    const shortened = shorten(item, share, depth + 1);
    const name = shortenString(key, budget);
    const size = name.length + JSON.stringify(shortened).length + 4;
    if (left > 0 || shortenedByKey.size === 0) {
      shortenedByKey.set(key, shortened);
      left -= size;
    }
  });
  for (const [key] of entries) {
    if (shortenedByKey.has(key)) {
      kept.push([shortenString(key, budget), shortenedByKey.get(key)]);
    }
  }
  const lost = entries.length - kept.length;
  if (lost > 0) {
    kept.push(['[cut]', `${lost} of ${entries.length} properties`]);
  }
  return Object.fromEntries(kept);
}

/** Rough size, without reading more than the first level. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') {
    return value.length;
  }
  if (typeof value !== 'object' || value === null) {
    return 5;
  }
  return Array.isArray(value)
    ? value.length * 10
    : Object.keys(value).length * 20;
}
