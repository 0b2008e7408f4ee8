const MAX_CHARACTERS = 4000;

// English words that every question has and that say nothing about a tool.
const STOP_WORDS = new Set(
  'a an and are as at be by can do for from get have how i in is it its me my of on or that the this to want what when where which with you your'.split(
    ' ',
  ),
);

/**
 * Splits text and identifiers into words in lower case: `createIssue`,
 * `create_issue` and `create issue` have the same. Plurals lose their `s`.
 */
export function words(text: string): string[] {
  return text
    .slice(0, MAX_CHARACTERS)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '' && !STOP_WORDS.has(word))
    .map(stem);
}

function stem(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) {
    return `${word.slice(0, -3)}y`;
  }
  return word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}
