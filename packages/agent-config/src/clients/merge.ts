import type { JsonObject, JsonValue } from '@backstage/types';
import { isRecord } from '../compile';

/**
 * Lays one configuration over another, as OpenCode does: objects are merged,
 * all else is replaced. New keys come after the others.
 */
export function mergeConfig(base: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const known = merged[key];
    merged[key] =
      isRecord(known) && isRecord(value)
        ? mergeConfig(known as JsonObject, value as JsonObject)
        : value;
  }
  return merged;
}

/** Puts addresses in the places of `{baseURL}` and `{rootURL}`, in all strings that are no keys. */
export function fillPlaceholders<T extends JsonValue | undefined>(
  value: T,
  urls: { baseURL: string; rootURL: string },
): T {
  if (typeof value === 'string') {
    return value.replace(
      /\{(baseURL|rootURL)\}/g,
      (_, name: 'baseURL' | 'rootURL') => urls[name],
    ) as T;
  }
  if (Array.isArray(value)) {
    return value.map(item => fillPlaceholders(item, urls)) as unknown as T;
  }
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inside]) => [
        key,
        fillPlaceholders(inside as JsonValue, urls),
      ]),
    ) as T;
  }
  return value;
}
