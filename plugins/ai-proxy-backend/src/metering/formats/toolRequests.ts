import { count, isObject } from './Told';

/** Counts by name, `web_search_requests` becoming `webSearch`; undefined when there are none. */
export function namedRequests(
  counts: unknown,
): Record<string, number> | undefined {
  const named = Object.entries(isObject(counts) ? counts : {})
    .map(([key, value]): [string, number] => [
      camelCase(key.replace(/_requests$/, '')),
      count(value),
    ])
    .filter(([, number]) => number > 0);
  return named.length ? Object.fromEntries(named) : undefined;
}

/** Counts names, such as `web_search_call`, which becomes `webSearch`; undefined when there are none. */
export function countedCalls(
  types: string[],
): Record<string, number> | undefined {
  const counts: Record<string, number> = {};
  for (const type of types) {
    const name = camelCase(type.replace(/_call$/, ''));
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return types.length ? counts : undefined;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
