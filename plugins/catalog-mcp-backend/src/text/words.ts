/** A search with more words finds nothing that fewer do not, and takes its time. */
const MAX_WORDS = 12;

/**
 * The words of a name or a text: `paymentsApi`, `payments-api` and `Payments
 * API` have the same two.
 */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** The words that a search looks for: each once, and not too many. */
export function searchWordsOf(text: string): string[] {
  return [
    ...new Set(wordsOf(text).map(word => word.toLocaleLowerCase('en-US'))),
  ].slice(0, MAX_WORDS);
}

/** Words that begin with a single letter are too many to look at. */
export function isPrefix(word: string): boolean {
  return word.length > 1;
}

/** Search options that forgive unfinished and mistyped words. */
export const LENIENT = {
  prefix: (word: string) => word.length > 2,
  fuzzy: (word: string) => (word.length > 4 ? 0.2 : false),
};

/** Cuts what somebody else wrote before it is said back. */
export function clip(text: string, length = 100): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** A path without slashes at its ends and without empty parts. */
export function trimSlashes(path: string): string {
  return path.split('/').filter(Boolean).join('/');
}
