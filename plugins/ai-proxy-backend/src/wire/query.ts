import type { Operation } from './Operation';

/** Formats of answers from which usage is read; further words belong to Google's older clients. */
const READABLE = /^(?:json|sse)(?:;|$)/i;

/**
 * A parameter of Google's that all its APIs have, and that leaves usage out of
 * the answer, or makes it something else than JSON (cloud.google.com/apis/docs,
 * "System parameters"). Each has a second name with `$` in front.
 *
 * @param query - with its question mark
 * @returns undefined when there is none
 */
export function hidingParameter(
  { api, kind }: Operation,
  query: string,
): string | undefined {
  if (api !== 'google-ai-studio' || kind !== 'inference' || query.length < 2) {
    return undefined;
  }
  const [found] =
    [...new URLSearchParams(query)].find(([name, value]) => {
      const plain = name.replace(/^\$/, '');
      return plain === 'alt'
        ? !READABLE.test(value)
        : plain === 'fields' || plain === 'callback';
    }) ?? [];
  return found;
}
